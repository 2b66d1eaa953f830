import type { Clock } from "../../common/runtime/clock.ts";
import type { Failure, Poll } from "./poll-loop.ts";
import { steadySchedule } from "./schedule.ts";

/**
 * The roll called each period: every answer as it comes; while there is no link the failure as it happens, and again
 * once a period, whatever is tried in between.
 */
export async function* attendance(polls: AsyncGenerator<Poll>, periodMs: number, clock: Clock): AsyncGenerator<Poll> {
  for await (const poll of polls) {
    if (isAway(poll)) yield* absence(poll, polls, periodMs, clock);
    else yield poll;
  }
}

/** From the loss of the link to the first poll over another one. */
async function* absence(
  loss: Failure,
  polls: AsyncGenerator<Poll>,
  periodMs: number,
  clock: Clock,
): AsyncGenerator<Poll> {
  const calls = steadySchedule(periodMs, clock);
  calls.answered();
  let failure = loss;
  let told = loss.asked;
  if (told) yield loss;
  let coming = polls.next();
  for (;;) {
    const came = await untilMoment(coming, calls.next(), clock);
    if (came?.done) return;
    const poll = came?.value;
    if (poll && !isAway(poll)) {
      yield poll;
      return;
    }
    if (poll) {
      failure = poll;
      coming = polls.next();
    } else calls.answered();
    if (!poll || !told) {
      told = true;
      yield failure;
    }
  }
}

const isAway = (poll: Poll): poll is Failure => !poll.ok && poll.retryMs !== undefined;

/** The outcome of `work`, or undefined when the moment of the monotonic clock comes first. */
async function untilMoment<T>(work: Promise<T>, momentMs: number, clock: Clock): Promise<T | undefined> {
  const settled = new AbortController();
  const moment = clock.sleep(momentMs - clock.monotonic(), settled.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work, moment]);
  } finally {
    settled.abort();
  }
}
