import { endsOf, type Outage, type TimelineEvent } from "./timeline.ts";

/** A reading that is not in the database. */
export interface Missing {
  /** The name of its agent. */
  readonly meter: string;
  /** Time of the reading, ms since the Unix epoch. */
  readonly at: number;
  /** Time of the agent's next reading; Infinity where there is none. */
  readonly nextAt: number;
}

/** Timestamps of several processes on a busy machine agree within this. */
const TOLERANCE_MS = 300;

/**
 * The kill of its agent that may have cost a reading, as docs/delivery.md allows for one reading per kill: the last one
 * before it. Undefined where the loss is not allowed. Nothing else that dies may cost a reading.
 */
export function killThatMayCost(
  { meter, at, nextAt }: Missing,
  timeline: readonly TimelineEvent[],
): Outage | undefined {
  const end = endsOf(timeline, meter).find(({ from }) => from >= at - TOLERANCE_MS);
  return end?.how === "killed" && nextAt > end.from - TOLERANCE_MS ? end : undefined;
}
