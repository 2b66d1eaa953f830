import type { Clock } from "../common/clock.ts";
import type { Log } from "../common/log.ts";
import type { Answer, Failure, Poll, SessionPlan } from "./session.ts";

/**
 * Tells the log each change of state once: the first answer, a reason for silence that is new since the last answer, the
 * answer that ends it, the first bad one. What goes on as before is told at level debug only.
 */
export function createNarrator(plan: SessionPlan, clock: Clock, log: Log): (poll: Poll) => void {
  const reasonsTold = new Set<string>();
  let answeredBefore = false;
  let badPollTold = false;
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
    const text = `no answer: ${error.message}; retrying in ${(retryMs / 1000).toFixed(1)} s`;
    (reasonsTold.has(error.fault) ? log.debug : log.warn)(text);
    reasonsTold.add(error.fault);
    awaySinceMs ??= clock.monotonic();
  }
  function onBadPoll(error: Failure["error"]) {
    const text = `poll failed: ${error.message}`;
    if (badPollTold) log.debug(text);
    else log.warn(`${text}; more of this is only counted (failures)`);
    badPollTold = true;
  }
  return (poll) => {
    if (poll.ok) onAnswer(poll);
    else if (poll.retryMs === undefined) onBadPoll(poll.error);
    else onAbsence(poll.error, poll.retryMs);
  };
}
