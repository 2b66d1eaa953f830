import { QUANTITIES, QUANTITY_NAMES, type Quantity, type QuantitySpec } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import { reasonFor } from "./first-answer.ts";
import type { Answer, Away, Poll, PollPlan } from "./poll-loop.ts";

/**
 * Logs each change of state once: the first answer, each fault that is new since the last answer, the answer that ends an
 * absence, and each protection and alarm of the device that begins or ends. Everything else is logged at level debug.
 */
export function createPollLogger(
  plan: PollPlan & { readonly once: boolean },
  { clock, log }: { clock: Clock; log: Log },
): (poll: Poll) => void {
  const transientFaults = trackProblems();
  const awayFaults = trackProblems();
  const impossibleValues = trackProblems();
  const logStates = createStateLogger(log);
  let hasAnswered = false;
  let awaySinceMs: number | undefined;

  function logAnswer({ driver, alternatives = [], impossible = [], latencyMs, sample }: Answer) {
    const [verb, work] = latencyMs === undefined ? ["listening", "one reading"] : ["connected", "polling"];
    const schedule = plan.once ? "" : `, ${work} every ${plan.periodMs / 1000} s`;
    if (!hasAnswered)
      log.info(`${verb} to ${plan.address} (${[driver, ...reasonFor(alternatives)].join(", ")})${schedule}`);
    else if (awaySinceMs !== undefined)
      log.info(`${plan.address} answers again after ${Math.round((clock.monotonic() - awaySinceMs) / 1000)} s`);
    else log.debug(latencyMs === undefined ? "record received" : `answer after ${latencyMs} ms`);
    hasAnswered = true;
    awaySinceMs = undefined;
    awayFaults.clear();
    for (const name of impossible) {
      if (impossibleValues.begin(name))
        log.warn(`${name} has an impossible value and is left out, now and whenever it has`);
    }
    logStates(sample);
  }
  function logAbsence({ error, retryMs }: Away) {
    const write = awayFaults.begin(error.fault) ? log.warn : log.debug;
    write(`no answer: ${error.message}; retrying in ${(retryMs / 1000).toFixed(1)} s`);
    awaySinceMs ??= clock.monotonic();
  }
  /** Logs the first fault of this kind; later ones only increment their column. */
  function logTransientFault(kind: string, error: Error, column: Quantity) {
    if (transientFaults.begin(column))
      log.warn(`${kind}: ${error.message}; more of this is only counted, as ${column}`);
    else log.debug(`${kind}: ${error.message}`);
  }
  return (poll) => {
    switch (poll.kind) {
      case "answer":
        return logAnswer(poll);
      case "bad-answer":
        return logTransientFault("poll failed", poll.error, poll.error.fault === "torn" ? "torn" : "failures");
      case "link-lost":
        return logTransientFault("link lost, connecting again", poll.error, "reconnects");
      case "away":
        return logAbsence(poll);
    }
  };
}

const STATES = QUANTITY_NAMES.flatMap((name) => {
  const { state }: QuantitySpec = QUANTITIES[name];
  return state === undefined ? [] : [{ name, state }];
});

/** Logs the states of the vocabulary that a device reports, each when it begins and when it ends. */
function createStateLogger(log: Log): (sample: Sample) => void {
  const on = new Set<Quantity>();
  return (sample) => {
    for (const { name, state } of STATES) {
      if (sample[name] === 1 && !on.has(name)) {
        on.add(name);
        log.warn(`${state} is on`);
      } else if (sample[name] === 0 && on.delete(name)) log.info(`${state} is off again`);
    }
  };
}
