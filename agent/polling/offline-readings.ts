import { type Clock, within } from "../../common/runtime/clock.ts";
import type { Away, LinkLost, Poll } from "./poll-loop.ts";
import { steadySchedule } from "./schedule.ts";

/**
 * Turns the polls of a loop into those that become readings: at least one per period. While the device is connected, polls
 * pass through unchanged. While it is away, its failure is yielded once immediately and then the latest one once per
 * period, however many reconnects are tried. A link that is lost between two polls and back within a period yields nothing.
 */
export async function* withOfflineReadings(
  polls: AsyncGenerator<Poll>,
  periodMs: number,
  clock: Clock,
): AsyncGenerator<Poll> {
  for await (const poll of polls) {
    if (isDisconnected(poll)) yield* offlineReadings(poll, polls, periodMs, clock);
    else yield poll;
  }
}

/** From the loss of the link up to and including the first poll over another one. */
async function* offlineReadings(
  loss: LinkLost | Away,
  polls: AsyncGenerator<Poll>,
  periodMs: number,
  clock: Clock,
): AsyncGenerator<Poll> {
  const schedule = steadySchedule(periodMs, clock);
  schedule.answered();
  let failure = loss;
  let isReported = loss.kind === "away";
  if (isReported) yield loss;
  let coming = polls.next();
  for (;;) {
    const arrived = await within(clock, schedule.next() - clock.monotonic(), coming);
    if (arrived?.done) return;
    const poll = arrived?.value;
    if (poll && !isDisconnected(poll)) {
      yield poll;
      return;
    }
    if (poll) {
      failure = poll;
      coming = polls.next();
    } else schedule.answered();
    if (!poll || !isReported) {
      isReported = true;
      yield failure;
    }
  }
}

const isDisconnected = (poll: Poll): poll is LinkLost | Away => poll.kind === "link-lost" || poll.kind === "away";
