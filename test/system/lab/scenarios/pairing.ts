import { until } from "../../../support/until.ts";
import { createFleet } from "../guest/fleet.ts";
import type { RunningProcess } from "../guest/processes.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 2, thornwave: 0 };
const OPEN = "jbd1";
const LOCKED = "jbd2";
const LOCKED_PACK = "A4:C1:37:00:00:02";
const PASSKEY = "123456";
const WRONG_PASSKEY = "654321";
const PERIOD_S = 1;
const WITHIN_S = 30;
/** How long the agent itself waits for a pairing, and some. */
const SAID_WITHIN_MS = 60_000;

export const PAIRING: Scenario = {
  name: "pairing",
  about:
    "a pack that demands an encrypted link: without a passkey, with a wrong one, with the right one, and when it is known",
  batteries: BATTERIES,
  passkeys: { [LOCKED_PACK]: PASSKEY },
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  await fleet.answered(fleet.start(OPEN), 60, [OPEN]);
  const since = Date.now();
  const begin = (...options: readonly string[]) => stage.startAgent({ ...fleet.agent(LOCKED), options });

  const without = begin();
  yield await says(
    "without a passkey it says which option is missing",
    without,
    /demands a passkey: give it with --pin/,
  );
  await without.stop("SIGTERM");
  const wrong = begin("--pin", WRONG_PASSKEY);
  yield await says("with a wrong one it says that the link broke off there", wrong, /at the passkey: is --pin right\?/);
  await wrong.stop("SIGTERM");

  const startedAt = Date.now();
  const right = begin("--pin", PASSKEY);
  yield await fleet.cameBack(`with --pin it is paired and read within ${WITHIN_S} s`, startedAt, WITHIN_S, [LOCKED]);
  await right.stop("SIGTERM");
  const againAt = Date.now();
  begin("--pin", PASSKEY);
  yield await fleet.cameBack(`started again, within ${WITHIN_S} s`, againAt, WITHIN_S, [LOCKED]);
  yield fleet.lostNothing("the neighbour loses nothing", since, [OPEN]);

  async function says(expected: string, agent: RunningProcess, pattern: RegExp): Promise<Finding> {
    const saidAt = Date.now();
    const line = () => agent.stderr.find((said) => pattern.test(said));
    await until(expected, () => line() !== undefined, SAID_WITHIN_MS).catch(() => undefined);
    const seen = (line() ?? agent.stderr.at(-1) ?? "nothing").replace(/^<\d>/, "");
    return { expected, verdict: fleet.judge(line() !== undefined, saidAt), seen };
  }
}
