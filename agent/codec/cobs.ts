import { FrameError } from "./frame-error.ts";

/**
 * Consistent overhead byte stuffing (Cheshire and Baker): every run up to a zero is preceded by its length plus one, so
 * that zeros are left to delimit frames. A run of 254 bytes without a zero has the code 255 and implies none.
 */
const LONGEST_RUN = 254;

/** The bytes between two delimiters, decoded. @throws {FrameError} `malformed` */
export function decodeCobs(encoded: Uint8Array): Uint8Array {
  const decoded: number[] = [];
  let at = 0;
  while (at < encoded.length) {
    const code = encoded[at] ?? 0;
    const run = encoded.subarray(at + 1, at + code);
    if (code === 0 || run.includes(0) || run.length !== code - 1) {
      throw new FrameError("malformed", "the value's byte stuffing is broken");
    }
    decoded.push(...run);
    at += code;
    if (code <= LONGEST_RUN && at < encoded.length) decoded.push(0);
  }
  return Uint8Array.from(decoded);
}

/** The inverse of decodeCobs: no zero is left, and no delimiter is added. */
export function encodeCobs(bytes: Uint8Array): Uint8Array {
  const encoded: number[] = [];
  let run: number[] = [];
  const flush = () => {
    encoded.push(run.length + 1, ...run);
    run = [];
  };
  for (const [at, byte] of bytes.entries()) {
    if (byte !== 0) run.push(byte);
    if (byte === 0 || (run.length === LONGEST_RUN && at < bytes.length - 1)) flush();
  }
  flush();
  return Uint8Array.from(encoded);
}
