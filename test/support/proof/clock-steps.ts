import type { Answer } from "../../integration/system.ts";
import { couldBe, type Poll, pollsOf } from "./polls.ts";
import type { Stored } from "./stored.ts";
import type { Agent } from "./verdict.ts";

/** A step of the agents' wall clock. */
export interface ClockStep {
  /** When it happened, by a clock that is not stepped, ms since the Unix epoch. */
  readonly at: number;
  /** From then on the agents' clock is ahead of that clock by this, ms. */
  readonly shiftMs: number;
}

/** A row and its answer are this close to each other, ms; verdicts may be stricter. */
const NEAR_MS = 1_000;
/** A reading may be stamped this long after its answer was logged, ms. */
const STAMPED_LATE_MS = 100;

/**
 * Rows with their times as a clock shows them that is not stepped. A row has the time of the agents' clock as it was when
 * the reading was taken, or as it was after a later step, before the reading was sent.
 */
export function inTrueTime(
  stored: readonly Stored[],
  agents: readonly Agent[],
  answers: readonly Answer[],
  steps: readonly ClockStep[],
): Stored[] {
  if (steps.length === 0) return [...stored];
  const polls = new Map(agents.map(({ meter, device }) => [meter, pollsOf(answers, device)]));
  const eras = [{ at: Number.NEGATIVE_INFINITY, shiftMs: 0 }, ...steps];
  return stored.map((row) => ({ ...row, time: trueTime(row, polls.get(row.meter) ?? [], eras) }));
}

function trueTime({ time, values }: Stored, polls: readonly Poll[], eras: readonly ClockStep[]): number {
  const candidates = eras.flatMap(({ shiftMs }, era) => {
    const endsAt = eras[era + 1]?.at ?? Number.POSITIVE_INFINITY;
    const taken = time - shiftMs;
    return taken < endsAt + STAMPED_LATE_MS ? [{ taken, distance: distanceTo(taken, values, polls) }] : [];
  });
  // A row without values has no answer to be near to: any clock that showed its time then will do.
  const [nearest] = candidates.sort((a, b) => a.distance - b.distance);
  return nearest?.taken ?? time;
}

/** From a moment to the nearest poll that could have had these values; Infinity where none is near. */
function distanceTo(moment: number, values: Stored["values"], polls: readonly Poll[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = indexFrom(polls, moment - NEAR_MS); i < polls.length; i += 1) {
    const poll = polls[i];
    if (!poll || poll.readyAt > moment + NEAR_MS) break;
    if (couldBe(poll, values)) nearest = Math.min(nearest, Math.abs(poll.readyAt - moment));
  }
  return nearest;
}

/** Index of the first poll that was ready at this moment or later. */
function indexFrom(polls: readonly Poll[], moment: number): number {
  let [low, high] = [0, polls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((polls[middle]?.readyAt ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
