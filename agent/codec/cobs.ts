import { FrameError } from "./frame-error.ts";

/**
 * Consistent overhead byte stuffing (Cheshire and Baker 1999): each run of bytes up to a zero is preceded by its length plus
 * one, which leaves zeros free to delimit frames. A run of 254 bytes has the code 255 and is not followed by a zero.
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

/** The inverse of decodeCobs. Adds no delimiters. */
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
