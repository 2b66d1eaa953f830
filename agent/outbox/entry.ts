import type { Origin } from "../../common/wire/fields.ts";

/** An encoded reading, kept until it is settled. */
export interface Entry {
  readonly origin: Origin;
  readonly seq: number;
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  /** The reading as `encodeReading` returns it. */
  readonly bytes: Uint8Array;
  /** By the clock that only counts, which nobody sets. Undefined in files of earlier versions. */
  readonly sinceBoot?: SinceBoot;
  /** The clock was not trusted when it was taken, so its time may still be corrected. It was never sent. */
  readonly isProvisional?: boolean;
}

export interface SinceBoot {
  /** Identity of the boot. */
  readonly boot: string;
  readonly uptimeMs: number;
}
