import type { Finding } from "../../machine/report.ts";
import { type Agents, asGoal, createAgents, quiet } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";
import { type Fault, inject } from "../guest/fault-injection.ts";
import { holdsAnswers } from "../guest/truth.ts";

/** Of the Modbus brands the first one, which has its characteristics in two services. */
const BATTERIES = { ant: 1, daly: 1, ecoworthy: 1, jbd: 1, jk: 1, litime: 1, modbus: 1, victron: 1 };
const PERIOD_S = 2;
/** Nobody scans while an agent connects. */
const LISTEN_S = 5;
const COLD_START_GOAL_S = 20;
const WATCHED_S = 12;
const KILL_GOAL_S = 15;
/** A device that pushes its records. */
const SILENT = "jk1";
const LISTENING = "victron1";
const SILENT_S = 12;
const SILENT_GOAL_S = 30;
/** Nobody scans while the vanished device is waited for: longer than LISTEN_S, and shorter than twice that. */
const MAY_MISS = 1;
/** More than the time until an answer is logged. */
const LOGGED_S = 1;

export const FAMILIES_SCENARIO: Scenario = {
  name: "families",
  about: "eight devices of eight families together, seven polled and one listened to",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S, { victron: LISTEN_S });
  const meters = agents.others();
  const startedAt = agents.start();
  const expected = `all eight are recognised and have a first reading, goal ${COLD_START_GOAL_S} s`;
  const coldStart = asGoal(await agents.recovered(expected, startedAt, COLD_START_GOAL_S, meters));
  yield { ...coldStart, seen: coldStart.seen ?? eachOf(meters, coldStart.recovered ?? []) };
  const since = Date.now();
  await quiet(WATCHED_S);
  yield agents.lostNothing("then every poll is answered", since, meters);

  const killedFrom = Date.now();
  for (const meter of agents.others(LISTENING)) {
    yield await inject(killed(meter), environment, agents, withListener(meter));
  }
  yield agents.lostNothing(`${LISTENING} loses nothing in all these kills`, killedFrom, [LISTENING]);
  yield await inject(killed(LISTENING), environment, agents, [LISTENING]);
  const silentFrom = Date.now();
  yield await inject(silent(agents), environment, agents, withListener(SILENT));
  yield missed(environment, agents, silentFrom);

  await Promise.all(agents.all.map(({ process }) => process?.stop("SIGTERM")));
  await quiet(LOGGED_S);
  for (const agent of agents.all) yield holdsAnswers(environment, agent);
}

/** Some faults last not much longer than the period of the listener: it must have a reading soon, and is judged at their end. */
function withListener(meter: string): string[] {
  return [...new Set([meter, LISTENING])];
}

/** Finding about the device that is listened to, while another one is out of range. */
function missed({ rows }: Environment, agents: Agents, since: number): Finding {
  const polls = rows.countSince(LISTENING, since);
  return {
    expected: `meanwhile ${LISTENING}, with a reading every ${LISTEN_S} s, misses ${MAY_MISS} at most`,
    verdict: agents.judge(polls.asked > 0 && polls.asked - polls.answered <= MAY_MISS, since),
    polls,
  };
}

function eachOf(meters: readonly string[], seconds: readonly number[]): string {
  return meters.map((meter, i) => `${meter} ${seconds[i]?.toFixed(1)} s`).join(", ");
}

function killed(meter: string): Fault {
  return {
    about: `agent of ${meter} killed`,
    async begin(_, agents) {
      await agents.get(meter).process?.stop("SIGKILL");
      agents.start(meter);
    },
    goalSeconds: KILL_GOAL_S,
  };
}

function silent(agents: Agents): Fault {
  const { address } = agents.get(SILENT);
  return {
    about: `${SILENT} out of range for ${SILENT_S} s`,
    begin: ({ controller }) => controller.command("set", address, "out-of-range"),
    lastsSeconds: SILENT_S,
    end: ({ controller }) => controller.command("clear", address),
    goalSeconds: SILENT_GOAL_S,
  };
}
