import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { type Agents, createAgents, quiet } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";
import { loseLink, loseLinks } from "../guest/link-losses.ts";

const BATTERIES = { jbd: 5, thornwave: 4 };
const PERIOD_S = 2;
const ABSENT = "jbd5";
const REFUSING = "thornwave4";
const FROZEN = "jbd4";
/**
 * Disconnects before it is read. HCI's own ways to refuse would spoil every run: a link lost within 0.2 s of being made
 * crashed Linux 6.1.192 in hci_chan_del in 3 of 3 runs, and after a connection that failed with a status it makes no
 * other connection until the adapter has been off.
 */
const REFUSAL = "short-link:ms=500,times=3";
const LOSING = "jbd1";
const LOSSES = 8;
const WATCHED_PERIODS = 4;
/** 2 s as without an absent device, 1 s of that device's scan, and up to a period until the next poll is due. */
const LOST_S = 2 + 1 + PERIOD_S;
/**
 * Beyond the time of the seven alone: two more programs start (2 s), one scans for 1 s, one disconnects in up to three
 * of its turns (1.5 s each).
 */
const ALLOWANCE_S = 8;
const REFUSER_WITHIN_S = 60;
/** 15 s to be connected, and up to a period until the next poll is due. */
const PASSED_OVER_WITHIN_S = 15 + PERIOD_S;

export const CONTENTION: Scenario = {
  name: "contention",
  about:
    "packs that ask for connection parameters, an absent device, one that refuses, a frozen agent that holds the adapter",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const seven = agents.others(ABSENT, REFUSING);
  const alone = await agents.answered(agents.start(...seven), 90, seven);
  yield { expected: "seven agents alone, cold start", verdict: "passed", recovered: alone };
  await startOver(environment, agents);

  await environment.controller.command("set", agents.get(ABSENT).address, "out-of-range");
  await environment.controller.command("set", agents.get(REFUSING).address, REFUSAL);
  const goal = Math.round(Math.max(...alone) + ALLOWANCE_S);
  const startedAt = agents.start();
  yield await agents.recovered(`with one absent and one that refuses: seven within ${goal} s`, startedAt, goal, seven);
  const since = Date.now();
  const refused = `the one that refused three times: there within ${REFUSER_WITHIN_S} s`;
  yield await agents.recovered(refused, startedAt, REFUSER_WITHIN_S, [REFUSING]);
  const losses = await loseLinks(LOSING, LOSSES, environment, agents);
  yield {
    expected: `beside the absent one a lost link is back within ${LOST_S} s, each of ${LOSSES} times`,
    verdict: agents.judge(Math.max(...losses) <= LOST_S, since),
    recovered: losses,
  };
  const others = agents.others(ABSENT, REFUSING, LOSING);
  yield agents.lostNothing("the six others lose nothing", since, others);
  yield parametersWereAsked(environment);
  await startOver(environment, agents);
  yield* frozenHolder(environment, agents);
}

async function* frozenHolder(environment: Environment, agents: Agents): AsyncIterable<Finding> {
  const others = ["jbd1", "jbd2", "thornwave1"];
  await agents.answered(agents.start(...others), 60, others);
  const before = connectionsBegun(environment);
  agents.start(FROZEN);
  const frozen = agents.get(FROZEN).process;
  await until("the agent connects", () => connectionsBegun(environment) > before, 30_000);
  frozen?.signal("SIGSTOP");
  const lostAt = Date.now();
  for (const meter of others) await loseLink(environment, agents, meter);
  const expected = `an agent frozen while it holds the adapter: three that lose their links are back within ${PASSED_OVER_WITHIN_S} s`;
  yield await agents.recovered(expected, lostAt, PASSED_OVER_WITHIN_S, others);
  const since = Date.now();
  frozen?.signal("SIGCONT");
  yield await agents.recovered("it continues when it wakes", since, 30, [FROZEN]);
  await quiet(WATCHED_PERIODS * PERIOD_S);
  yield agents.lostNothing("and the three lose nothing", since, others);
}

/** Ends all agents, and lets BlueZ forget every device. */
async function startOver({ stack, controller }: Environment, agents: Agents): Promise<void> {
  await Promise.all(agents.all.map(({ process }) => process?.stop("SIGTERM")));
  await controller.command("clear", "all");
  await stack.forgetDevices();
}

function connectionsBegun({ controller }: Environment): number {
  return controller.hciLog().filter((line) => line.includes("command leCreateConnection ")).length;
}

/** Shows that the fault took place: each subscribed pack had its request granted. */
function parametersWereAsked({ controller }: Environment): Finding {
  const granted = controller.hciLog().filter((line) => line.includes("command leConnectionUpdate ")).length;
  const stuck = controller.hciLog().filter((line) => line.includes("command leCreateConnectionCancel ")).length;
  return {
    expected: "packs asked for connection parameters",
    verdict: granted > 0 ? "passed" : "failed",
    seen: `${granted} requests granted, ${stuck} connections cancelled`,
  };
}
