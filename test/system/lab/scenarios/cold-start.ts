import type { Finding } from "../../machine/report.ts";
import { asGoal, createAgents, quiet } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";

const BATTERIES = { jbd: 4, thornwave: 4 };
const PERIOD_S = 2;
const GOAL_S = 20;
const WATCHED_S = 20;

export const COLD_START: Scenario = {
  name: "cold-start",
  about: "eight agents started together while BlueZ knows none of the devices",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const startedAt = agents.start();
  const expected = `all eight have a first reading, goal ${GOAL_S} s`;
  const recovery = await agents.recovered(expected, startedAt, GOAL_S, agents.others());
  yield {
    ...asGoal(recovery),
    seen: [breakdown(environment, startedAt, recovery), recovery.seen].filter(Boolean).join("; "),
  };
  const since = Date.now();
  await quiet(WATCHED_S);
  yield agents.lostNothing("then every poll is answered", since, agents.others());
}

/** The two parts of the time: eight programs start on one processor, then each takes its turn at the adapter. */
function breakdown({ controller }: Environment, startedAt: number, { recovered = [] }: Finding): string | undefined {
  const scan = controller.hciLog().find((line) => / leSetScanEnable 01/.test(line));
  if (!scan || recovered.length === 0) return undefined;
  const startS = Number(scan.split(" ", 1)[0]) - startedAt / 1000;
  const leaseS = (Math.max(...recovered) - startS) / recovered.length;
  return `first scan after ${startS.toFixed(1)} s, then ${leaseS.toFixed(1)} s a device`;
}
