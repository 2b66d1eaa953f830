import { createFleet, quiet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 4, thornwave: 4 };
const PERIOD_S = 2;
const GOAL_S = 20;
const WATCHED_S = 20;

export const COLD_START: Scenario = {
  name: "cold-start",
  about: "eight agents started together, BlueZ knows none of the devices",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  const startedAt = fleet.start();
  const there = await fleet.cameBack(
    `all eight have a first reading, goal ${GOAL_S} s`,
    startedAt,
    GOAL_S,
    fleet.others(),
  );
  const isLate = there.verdict === "failed" && there.recovered !== undefined;
  yield {
    ...there,
    verdict: isLate ? "missed" : there.verdict,
    seen: [breakdown(stage, startedAt, there), there.seen].filter(Boolean).join("; "),
  };
  const since = Date.now();
  await quiet(WATCHED_S);
  yield fleet.lostNothing("then every poll is answered", since, fleet.others());
}

/** Where the time went: eight programs that start on one processor, then a turn of each at the adapter. */
function breakdown({ controller }: Stage, startedAt: number, { recovered = [] }: Finding): string | undefined {
  const scan = controller.hciLog().find((line) => / leSetScanEnable 01/.test(line));
  if (!scan || recovered.length === 0) return undefined;
  const startS = Number(scan.split(" ", 1)[0]) - startedAt / 1000;
  const turnS = (Math.max(...recovered) - startS) / recovered.length;
  return `first scan after ${startS.toFixed(1)} s, then ${turnS.toFixed(1)} s a device`;
}
