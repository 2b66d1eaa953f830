import { createFleet, type Fleet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import { bringOn, type Trouble } from "../guest/trouble.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 2, thornwave: 1 };
const VICTIM = "jbd1";
const PACK = "A4:C1:37:00:00:01";
const PERIOD_S = 1;
/** After a link was lost and the device is there. */
const LOST_S = 2;
/** After the device behaves again. */
const SHORT_S = 5;
const LONG_S = 30;
const STARTED_ANEW_S = 20;

const drop = (about: string, reason: string): Trouble => ({
  about: `link lost with reason 0x${reason} (${about})`,
  begin: (stage) => stage.controller.command("drop", PACK, reason),
  goalSeconds: LOST_S,
});
const fault = (about: string, words: string, lastsSeconds: number, goalSeconds: number): Trouble => ({
  about,
  begin: (stage) => stage.controller.command("set", PACK, words),
  lastsSeconds,
  end: (stage) => stage.controller.command("clear", PACK),
  goalSeconds,
});
/** The fault is there before the agent is. */
const beforeStart = (trouble: Trouble): Trouble => ({
  ...trouble,
  async begin(stage, fleet) {
    await fleet.agent(VICTIM).process?.stop("SIGTERM");
    await trouble.begin(stage, fleet);
    fleet.start(VICTIM);
  },
});

const TROUBLES: readonly Trouble[] = [
  drop("supervision timeout", "08"),
  drop("not established", "3e"),
  drop("ended by the device", "13"),
  fault("out of range for 12 s", "out-of-range", 12, LONG_S),
  fault("silent for 10 s", "silence", 10, SHORT_S),
  fault("answers garbage for 6 s", "garbage", 6, SHORT_S),
  fault("answers another's register for 6 s", "wrong-register", 6, SHORT_S),
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

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  await fleet.answered(fleet.start(), 60);
  for (const trouble of TROUBLES) yield await bringOn(trouble, stage, fleet, [VICTIM]);
  yield inventedNothing(stage, fleet);
}

/** Every value of the victim's rows was handed out by its battery at some time. */
function inventedNothing(stage: Stage, fleet: Fleet): Finding {
  const { address } = fleet.agent(VICTIM);
  const said = stage.controller.answers().filter(({ device, register }) => device === address && register === "03");
  const volts = new Set(said.map(({ sample }) => sample.volts?.toFixed(3)));
  const rows = stage.ledger.answersSince(VICTIM, 0);
  const invented = rows.filter(({ values }) => !volts.has(values.volts?.toFixed(3)));
  return {
    expected: "no damaged answer became a number",
    verdict: rows.length > 0 && invented.length === 0 ? "passed" : "failed",
    seen: `${rows.length} rows, ${invented.length} invented`,
  };
}
