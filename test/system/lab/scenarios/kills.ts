import { createFleet, type FleetAgent, quiet } from "../guest/fleet.ts";
import type { RunningProcess } from "../guest/processes.ts";
import type { Scenario, ScenarioSettings } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 4, thornwave: 4 };
const VICTIM = "jbd1";
const PERIOD_S = 2;
const GOAL_S = 15;
const BLOCKED_FOR_S = 1.5;
const SABOTAGE = "/opt/bms/lab/sabotage.js";

/** Ways to die, in turn. */
const WAYS: readonly (readonly [about: string, kill: (agent: RunningProcess) => Promise<unknown>])[] = [
  ["SIGKILL", (agent) => agent.stop("SIGKILL")],
  ["SIGTERM", (agent) => agent.stop("SIGTERM")],
  ["abort in native code", (agent) => agent.stop("SIGUSR2")],
  [
    "event loop blocked, then killed",
    async (agent) => {
      agent.signal("SIGWINCH");
      await quiet(BLOCKED_FOR_S);
      await agent.stop("SIGKILL");
    },
  ],
];

export const KILLS: Scenario = {
  name: "kills",
  about: "one agent killed and restarted again and again while seven others poll every 2 s (--kills COUNT)",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage, { kills }: ScenarioSettings): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  const victim = fleet.agent(VICTIM);
  const others = fleet.others(VICTIM);
  const startedAt = fleet.start(...others);
  await fleet.answered(startedAt, 60, others);
  const restart = (agent: FleetAgent) => {
    agent.process = stage.startAgent({ ...agent, nodeOptions: ["--import", SABOTAGE] });
    return Date.now();
  };
  await fleet.answered(restart(victim), 60, [VICTIM]);

  const since = Date.now();
  const recovered = new Map(WAYS.map(([about]) => [about, [] as number[]]));
  for (let kill = 0; kill < kills; kill++) {
    const [about, strike] = WAYS[kill % WAYS.length] ?? WAYS[0] ?? [];
    if (!about || !strike || !victim.process) break;
    await strike(victim.process);
    const [seconds = Number.NaN] = await fleet.answered(restart(victim), GOAL_S * 4, [VICTIM]);
    recovered.get(about)?.push(seconds);
  }
  yield fleet.lostNothing(`${kills} kills: the seven others lose no poll`, since, others);
  for (const [about, seconds] of recovered) {
    if (seconds.length === 0) continue;
    const holds = Math.max(...seconds) <= GOAL_S;
    yield {
      expected: `back within ${GOAL_S} s after ${about}`,
      verdict: fleet.judge(holds, since),
      recovered: seconds,
    };
  }
}
