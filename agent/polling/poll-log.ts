import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import type { Answer, Away, Poll, PollPlan } from "./poll-loop.ts";

/**
 * Logs each change of state once: the first answer, each fault that is new since the last answer, and the answer that ends
 * an absence. Everything else is logged at level debug.
 */
export function createPollLogger(
  plan: PollPlan & { readonly once: boolean },
  { clock, log }: { clock: Clock; log: Log },
): (poll: Poll) => void {
  const transientFaults = trackProblems();
  const awayFaults = trackProblems();
  let hasAnswered = false;
  let awaySinceMs: number | undefined;

  function logAnswer({ driver, latencyMs }: Answer) {
    const schedule = plan.once ? "" : `, polling every ${plan.periodMs / 1000} s`;
    if (!hasAnswered) log.info(`connected to ${plan.address} (${driver})${schedule}`);
    else if (awaySinceMs !== undefined)
      log.info(`${plan.address} answers again after ${Math.round((clock.monotonic() - awaySinceMs) / 1000)} s`);
    else log.debug(`answer after ${latencyMs} ms`);
    hasAnswered = true;
    awaySinceMs = undefined;
    awayFaults.clear();
  }
  function logAbsence({ error, retryMs }: Away) {
    const write = awayFaults.begin(error.fault) ? log.warn : log.debug;
    write(`no answer: ${error.message}; retrying in ${(retryMs / 1000).toFixed(1)} s`);
    awaySinceMs ??= clock.monotonic();
  }
  /** Logs the first fault of this kind; later ones only increment their column. */
  function logTransientFault(kind: string, error: Error, column: string) {
    if (transientFaults.begin(kind)) log.warn(`${kind}: ${error.message}; more of this is only counted, as ${column}`);
    else log.debug(`${kind}: ${error.message}`);
  }
  return (poll) => {
    switch (poll.kind) {
      case "answer":
        return logAnswer(poll);
      case "bad-answer":
        return logTransientFault("poll failed", poll.error, "failures");
      case "link-lost":
        return logTransientFault("link lost, connecting again", poll.error, "reconnects");
      case "away":
        return logAbsence(poll);
    }
  };
}
