import { FrameError } from "../../codec/frame-error.ts";

const PADDING = 0;
const isPrintable = (byte: number) => byte >= 0x20 && byte <= 0x7e;

/**
 * Register 0x05, the board's name: bare ASCII that may be padded with NUL. No length byte stands in front of it.
 * @throws {FrameError} `malformed`
 */
export function decodeModel(payload: Uint8Array): string {
  const padding = payload.indexOf(PADDING);
  const text = padding < 0 ? payload : payload.subarray(0, padding);
  if (!text.every(isPrintable) || !payload.subarray(text.length).every((byte) => byte === PADDING)) {
    throw new FrameError("malformed", "the board's name is no readable text");
  }
  return String.fromCharCode(...text).trim();
}

export function encodeModel(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
