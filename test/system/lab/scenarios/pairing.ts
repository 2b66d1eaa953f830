import type { Finding } from "../../machine/report.ts";
import { createAgents } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";

const BATTERIES = { jbd: 2, thornwave: 0 };
const OPEN = "jbd1";
const LOCKED = "jbd2";
const LOCKED_PACK = "A4:C1:37:00:00:02";
const PASSKEY = "123456";
const WRONG_PASSKEY = "654321";
const PERIOD_S = 1;
const WITHIN_S = 30;
/** Longer than the agent waits for a pairing. */
const LOGGED_WITHIN_S = 60;

export const PAIRING: Scenario = {
  name: "pairing",
  about:
    "a pack that demands an encrypted link: without a passkey, with a wrong one, with the right one, and when it is bonded",
  batteries: BATTERIES,
  passkeys: { [LOCKED_PACK]: PASSKEY },
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  await agents.answered(agents.start(OPEN), 60, [OPEN]);
  const since = Date.now();
  const begin = (...options: readonly string[]) => environment.startAgent({ ...agents.get(LOCKED), options });

  const without = begin();
  yield await agents.logged(
    "without a passkey it names the missing option",
    without,
    /demands a passkey: give it with --pin/,
    LOGGED_WITHIN_S,
  );
  await without.stop("SIGTERM");
  const wrong = begin("--pin", WRONG_PASSKEY);
  yield await agents.logged(
    "with a wrong passkey it names the step at which the link broke",
    wrong,
    /at the passkey: is --pin right\?/,
    LOGGED_WITHIN_S,
  );
  await wrong.stop("SIGTERM");

  const startedAt = Date.now();
  const right = begin("--pin", PASSKEY);
  yield await agents.recovered(`with --pin it is paired and read within ${WITHIN_S} s`, startedAt, WITHIN_S, [LOCKED]);
  await right.stop("SIGTERM");
  const againAt = Date.now();
  begin("--pin", PASSKEY);
  yield await agents.recovered(`started again, within ${WITHIN_S} s`, againAt, WITHIN_S, [LOCKED]);
  yield agents.lostNothing("the neighbour loses nothing", since, [OPEN]);
}
