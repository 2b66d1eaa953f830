import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Answer, Failure, Poll, SessionPlan } from "./poll-loop.ts";

/**
 * Tells the log each change of state once: the first answer, a reason for silence that is new since the last answer, the
 * answer that ends it. Of what mends itself, the first bad poll and the first link lost between two polls are told. What
 * goes on as before is told at level debug only.
 */
export function createNarrator(plan: SessionPlan, clock: Clock, log: Log): (poll: Poll) => void {
  const told = new Set<string>();
  const reasons = new Set<string>();
  let answeredBefore = false;
  let awaySinceMs: number | undefined;

  function onAnswer({ driver, latencyMs }: Answer) {
    if (!answeredBefore) log.info(`connected to ${plan.address} (${driver}), polling every ${plan.periodMs / 1000} s`);
    else if (awaySinceMs !== undefined)
      log.info(`${plan.address} answers again after ${Math.round((clock.monotonic() - awaySinceMs) / 1000)} s`);
    else log.debug(`answer after ${latencyMs} ms`);
    answeredBefore = true;
    awaySinceMs = undefined;
    reasons.clear();
  }
  function onAbsence({ error }: Failure, retryMs: number) {
    const say = reasons.has(error.fault) ? log.debug : log.warn;
    say(`no answer: ${error.message}; retrying in ${(retryMs / 1000).toFixed(1)} s`);
    reasons.add(error.fault);
    awaySinceMs ??= clock.monotonic();
  }
  /** What costs no more than a poll, told once and then left to the column that counts it. */
  function onMishap(what: string, { error }: Failure, column: string) {
    if (told.has(what)) log.debug(`${what}: ${error.message}`);
    else log.warn(`${what}: ${error.message}; more of this is only counted, as ${column}`);
    told.add(what);
  }
  return (poll) => {
    if (poll.ok) onAnswer(poll);
    else if (poll.retryMs === undefined) onMishap("poll failed", poll, "failures");
    else if (!poll.asked) onMishap("link lost, connecting again", poll, "reconnects");
    else onAbsence(poll, poll.retryMs);
  };
}
