import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { type Agents, createAgents, quiet } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";
import { loseLinks } from "../guest/link-losses.ts";
import type { Row } from "../guest/rows.ts";

const BATTERIES = { jbd: 3, victron: 3 };
const POLLING = ["jbd1", "jbd2", "jbd3"];
const LISTENING = ["victron1", "victron2", "victron3"];
const LOSING = "jbd1";
const SILENT = "victron3";
const KILLED = "victron1";
const POLL_S = 2;
/** More than the time that an agent needs to connect, during which nobody scans. */
const LISTEN_S = 5;
const WATCHED_S = 40;
const GOAL_S = 15;
const LOSSES = 5;
/** Beyond the slowest reconnection without listeners: a scan must be stopped, and a poll becomes due. */
const ALLOWANCE_S = 1 + POLL_S;
/** A record is received up to this long after the simulator has logged it: 0.1 s between two advertisements, and the way. */
const RECEIVED_WITHIN_MS = 700;

export const LISTENING_SCENARIO: Scenario = {
  name: "listening",
  about: "three agents that listen to advertisements and three that poll, on one adapter",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, POLL_S, { victron: LISTEN_S });
  const startedAt = agents.start(...POLLING);
  await agents.answered(startedAt, 60, POLLING);
  const alone = await loseLinks(LOSING, LOSSES, environment, agents);
  yield { expected: "a lost link is back, while nobody listens", verdict: "passed", recovered: alone };

  const watchedFrom = Date.now();
  yield await agents.recovered(`three listen within ${GOAL_S} s`, agents.start(...LISTENING), GOAL_S, LISTENING);
  const quietFrom = Date.now();
  await quiet(WATCHED_S);
  yield agents.lostNothing("three that poll lose nothing beside them", watchedFrom, POLLING);
  yield agents.lostNothing(`three that listen have a record every ${LISTEN_S} s`, quietFrom, LISTENING);
  yield scansSince(environment, quietFrom);
  for (const meter of LISTENING) yield newestRecords(environment, agents, meter, quietFrom);

  const since = Date.now();
  const beside = await loseLinks(LOSING, LOSSES, environment, agents);
  const goal = Math.ceil(Math.max(...alone) + ALLOWANCE_S);
  yield {
    expected: `beside them a lost link is back within ${goal} s`,
    verdict: agents.judge(Math.max(...beside) <= goal, since),
    recovered: beside,
  };
  yield agents.lostNothing(
    "the two others lose nothing",
    since,
    POLLING.filter((meter) => meter !== LOSING),
  );
  yield agents.lostNothing("nor do the three that listen", since, LISTENING);
  yield* killed(agents);
  yield* silent(environment, agents);
}

/** The virtual controller reports a device once a scan, as strict ones do: a scan takes 1.5 s then. */
const SCAN_S = 1.5;

/** One scan at a time serves all: processes that scan for themselves would start three times as many. */
function scansSince({ controller }: Environment, since: number): Finding {
  const begun = controller.hciLog().filter((line) => {
    return / leSetScanEnable 01/.test(line) && Number(line.split(" ", 1)[0]) * 1000 >= since;
  });
  const most = Math.ceil(WATCHED_S / SCAN_S);
  return {
    expected: `one scan serves all three: at most ${most} begin in ${WATCHED_S} s`,
    verdict: begun.length <= most ? "passed" : "failed",
    seen: `${begun.length} scans`,
  };
}

/** Each row holds the record that the device advertised at its time, and each later row a later record. */
function newestRecords({ controller, rows }: Environment, agents: Agents, meter: string, since: number): Finding {
  const { address } = agents.get(meter);
  const records = controller.answers().filter(({ device }) => device === address);
  const taken = rows.answersSince(meter, since);
  const wrong = taken.filter(({ time, values }) => {
    const possible = records.filter(({ at }, i) => {
      const endsAt = records[i + 1]?.at ?? Number.POSITIVE_INFINITY;
      return at <= time && endsAt + RECEIVED_WITHIN_MS > time;
    });
    return !possible.some(({ sample }) => Object.entries(sample).every(([name, value]) => isNear(values[name], value)));
  });
  return {
    expected: `${meter}: each row holds the record of its moment, whole`,
    verdict: taken.length > 0 && wrong.length === 0 ? "passed" : "failed",
    seen: `${taken.length} rows, ${wrong.length} wrong${wrong[0] ? `: ${JSON.stringify(wrong[0])}` : ""}`,
  };
}

/** The digits of a row. */
function isNear(actual: Row["values"][string] | undefined, expected: number): boolean {
  return actual !== undefined && Math.abs(actual - expected) <= 0.051;
}

async function* killed(agents: Agents): AsyncIterable<Finding> {
  const since = Date.now();
  const others = agents.others(KILLED);
  for (let kill = 0; kill < 4; kill++) {
    await agents.get(KILLED).process?.stop("SIGKILL");
    const startedAt = agents.start(KILLED);
    await agents.answered(startedAt, 60, [KILLED]);
    await quiet(LISTEN_S);
  }
  yield agents.lostNothing("four kills of one that listens: the five others lose nothing", since, others);
}

async function* silent({ controller, rows }: Environment, agents: Agents): AsyncIterable<Finding> {
  const { address } = agents.get(SILENT);
  const since = Date.now();
  await controller.command("set", address, "occupied");
  const offline = () =>
    rows.all.filter(({ meter, time, values }) => meter === SILENT && time >= since && values.online === 0);
  await until("three rows without a measurement", () => offline().length >= 3, 60_000);
  const rates = offline().map(({ time }, i, all) => (time - (all[i - 1]?.time ?? time)) / 1000);
  yield {
    expected: `a device that goes silent has a row of absence every ${LISTEN_S} s`,
    verdict: agents.judge(
      rates.slice(1).every((seconds) => Math.abs(seconds - LISTEN_S) < 1),
      since,
    ),
    seen: `after ${rates
      .slice(1)
      .map((seconds) => seconds.toFixed(1))
      .join(", ")} s`,
  };
  const backFrom = Date.now();
  await controller.command("clear", address);
  yield await agents.recovered("and is back within 30 s", backFrom, 30, [SILENT]);
  yield agents.lostNothing("the five others lose nothing", since, agents.others(SILENT));
}
