import type { Framing } from "../../codec/assembler.ts";
import { FrameError } from "../../codec/frame-error.ts";

/**
 * Frames of the JBD serial protocol (vendor protocol V4, V11), big endian:
 *
 *     request  DD  A5 read | 5A write  register  length  data…  sum  sum  77
 *     reply    DD  register            status    length  data…  sum  sum  77
 *
 * The sum is the two's complement of the 16-bit sum of all bytes from index 2 up to the sum; the register of a reply is not
 * covered. Only the declared length ends a frame, because DD and 77 also occur in data. A reply arrives in pieces of any
 * size.
 */
const START = 0xdd;
const READ = 0xa5;
const WRITE = 0x5a;
const END = 0x77;
const HEAD = 4;
const OVERHEAD = 7;

export interface JbdReply {
  readonly register: number;
  /** 0 is ok; for others see STATUS_MEANINGS. */
  readonly status: number;
  readonly payload: Uint8Array;
}

export interface JbdRequest {
  readonly write: boolean;
  readonly register: number;
  readonly data: Uint8Array;
}

/** 16 bits over `bytes`, as they follow the data of a frame. */
function checksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xffff;
}

function frame(second: number, third: number, data: Uint8Array): Uint8Array {
  if (data.length > 0xff) throw new RangeError(`a frame holds 255 bytes of data, not ${data.length}`);
  const bytes = Uint8Array.of(START, second, third, data.length, ...data, 0, 0, END);
  new DataView(bytes.buffer).setUint16(HEAD + data.length, checksum(bytes.subarray(2, HEAD + data.length)));
  return bytes;
}

/** The request to read a register. */
export function encodeReadRequest(register: number): Uint8Array {
  return frame(READ, register, new Uint8Array());
}

/** The request to write a register. */
export function encodeWriteRequest(register: number, data: Uint8Array): Uint8Array {
  return frame(WRITE, register, data);
}

/** The request that a central sent; undefined where the bytes are not a request. */
export function decodeRequest(bytes: Uint8Array): JbdRequest | undefined {
  const [start, second, register] = bytes;
  if (start !== START || (second !== READ && second !== WRITE) || register === undefined) return undefined;
  if (bytes.length !== jbdFraming.size(bytes) || jbdFraming.fault(bytes)) return undefined;
  return { write: second === WRITE, register, data: bytes.slice(HEAD, -3) };
}

export function encodeReply(reply: JbdReply): Uint8Array {
  return frame(reply.register, reply.status, reply.payload);
}

/** The parts of a sound frame. */
export function decodeReply(bytes: Uint8Array): JbdReply {
  const [, register = 0, status = 0] = bytes;
  return { register, status, payload: bytes.slice(HEAD, -3) };
}

export const jbdFraming: Framing = {
  starts: (bytes) => bytes[0] === START,
  size: (bytes) => (bytes.length < HEAD ? undefined : (bytes[3] ?? 0) + OVERHEAD),
  fault: (bytes) => {
    const sumAt = bytes.length - 3;
    const stated = ((bytes[sumAt] ?? 0) << 8) | (bytes[sumAt + 1] ?? 0);
    if (checksum(bytes.subarray(2, sumAt)) !== stated) return "checksum";
    return bytes[bytes.length - 1] === END ? undefined : "malformed";
  },
};

/** The error for a status other than 0 (V11; 80 and 81 are in captures). */
export function refusal(reply: JbdReply): FrameError {
  const meaning = STATUS_MEANINGS.get(reply.status) ?? "an undocumented status";
  const fault = reply.status === STATUS_BAD_CHECKSUM ? "checksum" : "refused";
  return new FrameError(
    fault,
    `the pack refused register ${hexByte(reply.register)} with status ${hexByte(reply.status)}: ${meaning}`,
  );
}

const STATUS_BAD_CHECKSUM = 0x82;
const STATUS_MEANINGS: ReadonlyMap<number, string> = new Map([
  [0x80, "it does not know this register"],
  [0x81, "not allowed in its present mode"],
  [STATUS_BAD_CHECKSUM, "the request reached it damaged"],
  [0x83, "it wants a password"],
]);

export function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
