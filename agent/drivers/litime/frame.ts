import type { Framing } from "../../codec/assembler.ts";
import { FrameError } from "../../codec/frame-error.ts";
import type { Request } from "../request-response.ts";

/**
 * Frames of LiTime's boards, little endian. The sum is the low byte of the sum of all bytes before it:
 *
 *     request  00 00  04      01  command     55 AA  sum
 *     answer   00 00  length  01  command|80  55 AA  status  data…  sum
 *
 * The length counts the bytes from the 01 to the sum. An answer comes in pieces of any size, and bytes of an earlier one may
 * precede it.
 */
const REQUEST_LENGTH = 4;
const HEAD = 8;
/** Bytes before the first that the length counts, and the sum. */
const OUTSIDE = 4;
const ANSWER = 0x80;
const STATUS_OK = 0;

const sum8 = (bytes: Uint8Array) => bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
const withSum = (bytes: Uint8Array) => Uint8Array.of(...bytes, sum8(bytes));

function encodeRequest(command: number): Uint8Array {
  return withSum(Uint8Array.of(0, 0, REQUEST_LENGTH, 1, command, 0x55, 0xaa));
}

/** The command of a request; undefined where the bytes are not one. */
export function decodeRequest(bytes: Uint8Array): number | undefined {
  const command = bytes[4];
  if (command === undefined || bytes.length !== HEAD) return undefined;
  return encodeRequest(command).every((byte, i) => byte === bytes[i]) ? command : undefined;
}

/** The answer to a command. `record` is as long as the answer without its sum, and leaves the head to this function. */
export function encodeAnswer(command: number, record: Uint8Array, status = STATUS_OK): Uint8Array {
  const frame = Uint8Array.from(record);
  frame.set([0, 0, record.length + 1 - OUTSIDE, 1, command | ANSWER, 0x55, 0xaa, status]);
  return withSum(frame);
}

const START = [0x00, 0x00, undefined, 0x01, undefined, 0x55, 0xaa];

/** `isPlausible` is asked about answers with status 0 and the right sum. */
function answerFraming(command: number, isPlausible: (frame: Uint8Array) => boolean): Framing {
  const start = START.with(4, command | ANSWER);
  return {
    firstByte: 0,
    isWeak: true,
    starts: (bytes) => start.every((byte, i) => byte === undefined || bytes[i] === undefined || bytes[i] === byte),
    size: (bytes) => (bytes.length < START.length ? undefined : Math.max(HEAD + 1, (bytes[2] ?? 0) + OUTSIDE)),
    fault(frame) {
      if (sum8(frame.subarray(0, -1)) !== frame.at(-1)) return "checksum";
      return statusOf(frame) !== STATUS_OK || isPlausible(frame) ? undefined : "malformed";
    },
  };
}

const statusOf = (frame: Uint8Array) => frame[HEAD - 1] ?? STATUS_OK;

/** The request of a command. `read` decodes the whole answer. */
export function commandRequest<T>(
  command: number,
  isPlausible: (frame: Uint8Array) => boolean,
  read: (frame: Uint8Array) => T,
): Request<T> {
  return {
    bytes: encodeRequest(command),
    framing: answerFraming(command, isPlausible),
    matches: () => true,
    read(frame) {
      const status = statusOf(frame);
      if (status === STATUS_OK) return read(frame);
      const message = `the battery refuses with status ${status}; if an encryption is set in its app, switch that off`;
      throw new FrameError("refused", message);
    },
  };
}
