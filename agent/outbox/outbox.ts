import type { Reading } from "../../common/reading.ts";

/** Where readings stay from the moment they are taken until nobody needs to send them again. */
export interface Outbox {
  /** Takes over the duty for a reading. Never waits and never throws: what a bound pushes out counts as dropped. */
  put(reading: Reading): void;
  /** Readings that are not yet accepted by every required output. */
  readonly backlog: number;
  /** Readings lost to the bound since the agent started. */
  readonly dropped: number;
  /**
   * Waits until everything is accepted, at most `graceMs`, and lets go of the aggregator. `unaccepted` are those that no
   * output is known to have taken; `unsettled` includes those that are accepted and not yet known to be kept.
   */
  close(graceMs: number): Promise<{ readonly unaccepted: number; readonly unsettled: number }>;
}
