import type { Finding } from "../../machine/report.ts";
import { type Agents, createAgents } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";
import { type Fault, inject } from "../guest/fault-injection.ts";

const BATTERIES = { jbd: 2, thornwave: 1 };
const AFFECTED = "jbd1";
const PACK = "A4:C1:37:00:00:01";
const PERIOD_S = 1;
/** After a link was lost and the device is there. */
const LOST_S = 2;
/** After the device behaves again. */
const SHORT_S = 5;
const LONG_S = 30;
const STARTED_ANEW_S = 20;

const drop = (about: string, reason: string): Fault => ({
  about: `link lost with reason 0x${reason} (${about})`,
  begin: (environment) => environment.controller.command("drop", PACK, reason),
  goalSeconds: LOST_S,
});
const fault = (about: string, words: string, lastsSeconds: number, goalSeconds: number): Fault => ({
  about,
  begin: (environment) => environment.controller.command("set", PACK, words),
  lastsSeconds,
  end: (environment) => environment.controller.command("clear", PACK),
  goalSeconds,
});
/** The fault begins before the agent does. */
const beforeStart = (fault: Fault): Fault => ({
  ...fault,
  async begin(environment, agents) {
    await agents.get(AFFECTED).process?.stop("SIGTERM");
    await fault.begin(environment, agents);
    agents.start(AFFECTED);
  },
});

const FAULTS_IN_TURN: readonly Fault[] = [
  drop("supervision timeout", "08"),
  drop("not established", "3e"),
  drop("ended by the device", "13"),
  fault("out of range for 12 s", "out-of-range", 12, LONG_S),
  fault("silent for 10 s", "silence", 10, SHORT_S),
  fault("answers garbage for 6 s", "garbage", 6, SHORT_S),
  fault("answers for another register for 6 s", "wrong-register", 6, SHORT_S),
  fault("disconnects in mid-frame", "disconnect:at=middle,times=1", 3, SHORT_S),
  beforeStart(fault("gone before the connection, for 12 s", "out-of-range", 12, LONG_S)),
  beforeStart(fault("gone during discovery, once", "short-link:ms=150,times=1", 0, STARTED_ANEW_S)),
];

export const FAULTS: Scenario = {
  name: "faults",
  about: "one device fails in each way a device can: only its own agent notices",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  await agents.answered(agents.start(), 60);
  for (const fault of FAULTS_IN_TURN) yield await inject(fault, environment, agents, [AFFECTED]);
  yield inventedNothing(environment, agents);
}

/** Every voltage in the affected agent's rows was in some answer of its battery. */
function inventedNothing(environment: Environment, agents: Agents): Finding {
  const { address } = agents.get(AFFECTED);
  const answers = environment.controller
    .answers()
    .filter(({ device, register }) => device === address && register === "03");
  const volts = new Set(answers.map(({ sample }) => sample.volts?.toFixed(3)));
  const rows = environment.rows.answersSince(AFFECTED, 0);
  const invented = rows.filter(({ values }) => !volts.has(values.volts?.toFixed(3)));
  return {
    expected: "no damaged answer became a number",
    verdict: rows.length > 0 && invented.length === 0 ? "passed" : "failed",
    seen: `${rows.length} rows, ${invented.length} invented`,
  };
}
