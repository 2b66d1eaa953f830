import type { Finding } from "../../machine/report.ts";
import { createAgents, type LabAgent, quiet } from "../guest/agents.ts";
import type { Environment, Scenario, ScenarioSettings } from "../guest/environment.ts";
import type { RunningProcess } from "../guest/processes.ts";

const BATTERIES = { jbd: 4, thornwave: 4 };
const AFFECTED = "jbd1";
const PERIOD_S = 2;
const GOAL_S = 15;
const BLOCKED_FOR_S = 1.5;
const FAULT_HOOKS = "/opt/bms/lab/fault-hooks.js";

/** Ways to die, used in turn. */
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
  about: "one agent killed and restarted many times while seven others poll every 2 s (--kills COUNT)",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment, { kills }: ScenarioSettings): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const affected = agents.get(AFFECTED);
  const others = agents.others(AFFECTED);
  const startedAt = agents.start(...others);
  await agents.answered(startedAt, 60, others);
  const restart = (agent: LabAgent) => {
    agent.process = environment.startAgent({ ...agent, nodeOptions: ["--import", FAULT_HOOKS] });
    return Date.now();
  };
  await agents.answered(restart(affected), 60, [AFFECTED]);

  const since = Date.now();
  const recovered = new Map(WAYS.map(([about]) => [about, [] as number[]]));
  for (let kill = 0; kill < kills; kill++) {
    const [about, killAgent] = WAYS[kill % WAYS.length] ?? WAYS[0] ?? [];
    if (!about || !killAgent || !affected.process) break;
    await killAgent(affected.process);
    const [seconds = Number.NaN] = await agents.answered(restart(affected), GOAL_S * 4, [AFFECTED]);
    recovered.get(about)?.push(seconds);
  }
  yield agents.lostNothing(`${kills} kills: the seven others lose no poll`, since, others);
  for (const [about, seconds] of recovered) {
    if (seconds.length === 0) continue;
    const holds = Math.max(...seconds) <= GOAL_S;
    yield {
      expected: `back within ${GOAL_S} s after ${about}`,
      verdict: agents.judge(holds, since),
      recovered: seconds,
    };
  }
}
