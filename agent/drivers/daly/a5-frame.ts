import type { Framing } from "../../codec/assembler.ts";
import type { Request } from "../request-response.ts";

/**
 * Frames of Daly's older protocol, 13 bytes each, big endian. The sum is the low byte of the sum of all bytes before it:
 *
 *     request  A5  host  command  08  00 00 00 00 00 00 00 00  sum
 *     answer   A5  01    command  08  eight bytes of data      sum
 *
 * The host is 80 or, for some modules, 40. Cells and temperatures come in several frames; the first byte of their data is
 * their number, from 1 or from 0. Bytes that a command does not use hold data of earlier answers.
 */
const START = 0xa5;
const BATTERY = 0x01;
const DATA_SIZE = 8;
const HEAD = 4;
const FRAME_SIZE = 13;

export const HOSTS = [0x80, 0x40] as const;

const sum8 = (bytes: Uint8Array) => bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);

function encode(address: number, command: number, data: Uint8Array): Uint8Array {
  const frame = Uint8Array.of(START, address, command, DATA_SIZE, ...data);
  return Uint8Array.of(...frame, sum8(frame));
}

const encodeRequest = (host: number, command: number) => encode(host, command, new Uint8Array(DATA_SIZE));

/** The answer of a battery; data of fewer than eight bytes are padded with zeros. */
export function encodeAnswer(command: number, data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(DATA_SIZE);
  padded.set(data);
  return encode(BATTERY, command, padded);
}

/** Host and command of a request; undefined where the bytes are not one. */
export function decodeRequest(bytes: Uint8Array): { readonly host: number; readonly command: number } | undefined {
  const [, host = 0, command = 0] = bytes;
  const request = encodeRequest(host, command);
  const isRequest = bytes.length === FRAME_SIZE && request.every((byte, i) => byte === bytes[i]);
  return isRequest ? { host, command } : undefined;
}

/** The framing of an answer that comes in so many numbered frames, as one; without a number, of a single one. */
function answerFraming(command: number, count: number | undefined): Framing {
  const head = [START, BATTERY, command, DATA_SIZE];
  const begins = (bytes: Uint8Array) => head.every((byte, i) => bytes[i] === undefined || bytes[i] === byte);
  const isNumber = (number: number | undefined, i: number, first = 0) => count === undefined || number === first + i;
  return {
    firstByte: START,
    isWeak: true,
    starts: (bytes) => begins(bytes) && (count === undefined || (bytes[HEAD] ?? 0) <= 1),
    size: () => FRAME_SIZE * (count ?? 1),
    fault(whole) {
      const frames = framesOf(whole);
      if (!frames.every((frame) => sum8(frame.subarray(0, -1)) === frame.at(-1))) return "checksum";
      const inOrder = frames.every((frame, i) => begins(frame) && isNumber(frame[HEAD], i, whole[HEAD]));
      return inOrder ? undefined : "malformed";
    },
  };
}

function framesOf(whole: Uint8Array): Uint8Array[] {
  const count = Math.ceil(whole.length / FRAME_SIZE);
  return Array.from({ length: count }, (_, i) => whole.subarray(FRAME_SIZE * i, FRAME_SIZE * (i + 1)));
}

/**
 * The request of a command whose answer comes in `count` numbered frames, or in a single one without a number. `read` decodes
 * the data of each.
 */
export function commandRequest<T>(
  host: number,
  command: number,
  read: (data: readonly Uint8Array[]) => T,
  count?: number,
): Request<T> {
  return {
    bytes: encodeRequest(host, command),
    framing: answerFraming(command, count),
    matches: () => true,
    read: (whole) => read(framesOf(whole).map((frame) => frame.subarray(HEAD, HEAD + DATA_SIZE))),
  };
}
