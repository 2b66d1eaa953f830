import type { Clock } from "../common/clock.ts";
import type { Log } from "../common/log.ts";
import type { Answer, Failure, Poll, SessionPlan } from "./session.ts";

/**
 * Tells the log each change of state once: the first answer, a reason for silence that is new since the last answer, the
 * answer that ends it, the first bad answer. What goes on as before is told at level debug only.
 */
export function createNarrator(plan: SessionPlan, clock: Clock, log: Log): (poll: Poll) => void {
  const reasonsTold = new Set<string>();
  let answeredBefore = false;
  let badAnswerTold = false;
  let awaySinceMs: number | undefined;

  function onAnswer({ driver, latencyMs }: Answer) {
    if (!answeredBefore) log.info(`connected to ${plan.address} (${driver}), polling every ${plan.periodMs / 1000} s`);
    else if (awaySinceMs !== undefined)
      log.info(`${plan.address} answers again after ${Math.round((clock.monotonic() - awaySinceMs) / 1000)} s`);
    else log.debug(`answer after ${latencyMs} ms`);
    answeredBefore = true;
    awaySinceMs = undefined;
    reasonsTold.clear();
  }
  function onAbsence(error: Failure["error"], retryMs: number) {
    const text = `no answer from ${plan.address}: ${error.message}; retrying in ${(retryMs / 1000).toFixed(1)} s`;
    (reasonsTold.has(error.fault) ? log.debug : log.warn)(text);
    reasonsTold.add(error.fault);
    awaySinceMs ??= clock.monotonic();
  }
  function onBadAnswer(error: Failure["error"]) {
    const text = `bad answer from ${plan.address}, skipped: ${error.message}`;
    if (badAnswerTold) log.debug(text);
    else log.warn(`${text}; further ones are only counted (failures)`);
    badAnswerTold = true;
  }
  return (poll) => {
    if (poll.ok) onAnswer(poll);
    else if (poll.retryMs === undefined) onBadAnswer(poll.error);
    else onAbsence(poll.error, poll.retryMs);
  };
}
