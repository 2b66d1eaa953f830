// Adds readings to a history as fast as it can, a minute of them between two flushes, until it is killed. Reports on stdout
// the time up to which readings have been added, and up to which they have been flushed. Every tenth minute comes late.
import { writeSync } from "node:fs";
import { systemClock } from "../../../common/runtime/clock.ts";
import { createLog } from "../../../common/runtime/log.ts";
import { openHistory } from "../../../viewer/history/open-history.ts";
import { courseReadings, MINUTE_MS } from "./course.ts";

const [directory = "", beginText = ""] = process.argv.slice(2);
const log = createLog("warn");
const history = await openHistory({ directory, megabytes: 1_000 }, { clock: systemClock, log });
writeSync(1, "open\n");
for (let at = Number(beginText); ; at += 10 * MINUTE_MS) {
  for (const minute of [0, 2, 3, 4, 5, 6, 7, 8, 9, 1]) {
    history.add(courseReadings(at + minute * MINUTE_MS));
    history.flush();
    writeSync(1, `flushed ${at + minute * MINUTE_MS}\n`);
    await systemClock.sleep(3);
  }
}
