import type { Quantity } from "./quantities.ts";

/** Bounds of `takenAt`, 2020-01-01 and 2100-01-01 (exclusive): a clock that shows anything else is not set. */
export const EARLIEST_TAKEN_AT = Date.UTC(2020, 0, 1);
export const LATEST_TAKEN_AT = Date.UTC(2100, 0, 1);

/** False for a time that no reading can have: the clock is not set. */
export function isPossibleTime(ms: number): boolean {
  return ms >= EARLIEST_TAKEN_AT && ms < LATEST_TAKEN_AT;
}

/** The values that a device reported at one moment. A quantity that it did not report is absent, never zero. */
export type Sample = { readonly [Q in Quantity]?: number };

/** A sample under construction. */
export type MutableSample = { [Q in Quantity]?: number };

/** A sample with its device and time: the unit of delivery. */
export interface Reading {
  /** The operator's name for the place of the device; absent where none is set. */
  readonly site?: string;
  /** The operator's name for the device. */
  readonly meter: string;
  /** The device's address, upper case with colons: two devices under one name must not blend unnoticed. */
  readonly device: string;
  readonly driver: string;
  /**
   * Milliseconds since the Unix epoch when the answer was complete, final once sent. Rises strictly per meter while the
   * clock is not set back by a step (agent/clock); after one it goes on from the new time.
   */
  readonly takenAt: number;
  /** Identity of the agent process that took it: 16 hexadecimal digits, random. */
  readonly run: string;
  /** 1, 2, 3 … within that run. */
  readonly seq: number;
  readonly sample: Sample;
}

/** A reading is ahead of a clock if it is timed later than this, ms: the clock of its agent was wrong, or this one is. */
export const AHEAD_MS = 300_000;

type Moment = Pick<Reading, "run" | "seq" | "takenAt">;

/**
 * True if a reading takes the place of another one of the same device as its latest. A repeat does not. Within a run the
 * numbers decide, because the clock may have been set back; between runs the times do. A reading of an earlier run that is
 * ahead of the clock gives way to one that is not.
 */
export function supersedes(reading: Moment, shown: Moment | undefined, wallMs: number): boolean {
  if (!shown) return true;
  if (reading.run === shown.run) return reading.seq > shown.seq;
  const isAhead = ({ takenAt }: Moment) => takenAt > wallMs + AHEAD_MS;
  return isAhead(reading) === isAhead(shown) ? reading.takenAt > shown.takenAt : isAhead(shown);
}
