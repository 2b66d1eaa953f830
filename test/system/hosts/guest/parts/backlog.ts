import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../../support/until.ts";
import { check, expect } from "../../../installed/guest/check.ts";
import { INTERVAL_S, type Stage } from "../stage.ts";

/** Age of the shown reading while a backlog drains, ms. */
const LIVE_WITHIN_MS = 15_000;
const DRAINED_WITHIN_MS = 1_800_000;
const LOOK_EVERY_MS = 500;

/** The link is cut for a long time; while what has waited is delivered, new readings are shown. */
export async function backlog(stage: Stage, cutS: number): Promise<void> {
  const { network, shedMeters, shown } = stage;
  const wait = (what: string, look: () => boolean) => until(what, look, DRAINED_WITHIN_MS, LOOK_EVERY_MS);
  await check(`while the backlog of a cut of ${cutS} s is delivered, new readings are shown`, async () => {
    network.setLink("cut");
    await sleep(cutS * 1000);
    const waiting = stage.backlog(shedMeters);
    const bytesBefore = network.traffic().bytes;
    network.setLink("slow");
    const since = Date.now();
    const isLive = (meter: string) => (shown.arrivals([meter], since)[0] ?? Number.POSITIVE_INFINITY) <= LIVE_WITHIN_MS;
    await wait("a new reading of each meter is shown", () => shedMeters.every(isLive));
    const shownAfterMs = Date.now() - since;
    await wait("no backlog", () => stage.backlog(shedMeters) < 2 * shedMeters.length);
    const drainedAfterMs = Date.now() - since;
    const oldestMs = shown.oldest(shedMeters, since + shownAfterMs);
    const kilobytes = Math.round((network.traffic().bytes - bytesBefore) / 1000);
    const seen = [
      `${waiting} readings waited`,
      `new ones were shown after ${(shownAfterMs / 1000).toFixed(1)} s`,
      `all delivered after ${(drainedAfterMs / 1000).toFixed(1)} s with ${kilobytes} kB`,
      `what was shown from then on was at most ${(oldestMs / 1000).toFixed(1)} s old`,
    ].join(", ");
    expect(oldestMs <= LIVE_WITHIN_MS && waiting > (cutS * shedMeters.length) / (2 * INTERVAL_S), seen);
    return seen;
  });
}
