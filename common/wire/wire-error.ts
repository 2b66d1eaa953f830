export const WIRE_FAULTS = ["oversize", "malformed", "version", "kind", "field"] as const;

/**
 * - `oversize`: longer than any message of ours
 * - `malformed`: no msgpack map, or bytes are missing or left over
 * - `version`: another version of the protocol
 * - `kind`: no kind of message that is expected here
 * - `field`: a field is absent, of another type, or holds an impossible value
 */
export type WireFault = (typeof WIRE_FAULTS)[number];

/** A message from a stranger, of another version, or damaged. Nothing of it is used. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly fault: WireFault;
  constructor(fault: WireFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
