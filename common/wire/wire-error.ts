/**
 * - `oversize`: longer than any valid message
 * - `malformed`: not a msgpack map, or bytes are missing or left over
 * - `version`: another version of the protocol
 * - `kind`: not a kind of message that is expected here
 * - `field`: a field is missing, has another type, or holds an impossible value
 */
export type WireFault = "oversize" | "malformed" | "version" | "kind" | "field";

/** A message that is foreign, damaged or of another version. No part of it is used. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly fault: WireFault;
  constructor(fault: WireFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
