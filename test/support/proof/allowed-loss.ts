import { endsOf, type Outage, outagesOf, type TimelineEvent } from "./timeline.ts";

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

/** Time for which an agent waits for an answer of the radio (operationMs in agent/radio/noble/radio.ts), ms. */
const LONGEST_WAIT_MS = 5_000;

/**
 * True if the agent was frozen when the answer came and for longer than it waits for one. Its poll has failed: a reading would
 * carry the time at which the agent went on.
 */
export function expiredInFrozenAgent(
  { meter, at }: Pick<Missing, "meter" | "at">,
  timeline: readonly TimelineEvent[],
): boolean {
  return outagesOf(timeline, meter).some(
    ({ how, from, to }) =>
      how === "frozen" && from <= at + TOLERANCE_MS && at < to && to - at > LONGEST_WAIT_MS - TOLERANCE_MS,
  );
}
