export const FRAME_FAULTS = ["truncated", "checksum", "malformed", "torn", "refused", "locked"] as const;

/**
 * - `truncated`: bytes are missing
 * - `checksum`: the bytes contradict their checksum
 * - `malformed`: complete, but impossible (framing, fields that contradict each other)
 * - `torn`: the values belong to two moments
 * - `refused`: the device answered that it will not
 * - `locked`: the device requires a password, or another one
 */
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** The device's bytes are not a usable answer. None of them becomes a number. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly fault: FrameFault;
  constructor(fault: FrameFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
