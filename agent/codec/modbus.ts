import type { Framing } from "./assembler.ts";
import { FrameError } from "./frame-error.ts";

/**
 * Frames of Modbus RTU that read registers, big endian but for the checksum:
 *
 *     request    unit  03  register  register  count  count     crc  crc
 *     answer     unit  03  length    data…                      crc  crc
 *     exception  unit  83  code                                 crc  crc
 *
 * The answer names no register, so only its length and the request before it say what it holds. It arrives in pieces of any
 * size. Source: Modbus over Serial Line V1.02.
 */
const READ = 0x03;
const EXCEPTION = READ | 0x80;
const HEAD = 3;
const CRC = 2;
const REQUEST_SIZE = 8;
const EXCEPTION_SIZE = 5;

/** A run of registers of one unit. */
export interface RegisterRange {
  readonly unit: number;
  /** The first register. */
  readonly start: number;
  /** Number of registers. */
  readonly count: number;
}

/** CRC-16/MODBUS: polynomial 0x8005 reflected, initially FFFF. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] as number);
  return crc;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** A frame of these bytes: its checksum follows them, low byte first. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16(bytes);
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

/** True of a frame that ends in the checksum of all bytes before it. */
export function hasSoundCrc(frame: Uint8Array): boolean {
  const [low = 0, high = 0] = frame.subarray(-CRC);
  return frame.length > CRC && crc16(frame.subarray(0, -CRC)) === low + high * 256;
}

/** The request to read registers. */
export function encodeReadRequest({ unit, start, count }: RegisterRange): Uint8Array {
  return withCrc(Uint8Array.of(unit, READ, start >> 8, start & 0xff, count >> 8, count & 0xff));
}

/** The range that a request reads; undefined where the bytes are not such a request. */
export function decodeReadRequest(bytes: Uint8Array): RegisterRange | undefined {
  const [unit, command] = bytes;
  if (unit === undefined || command !== READ || bytes.length !== REQUEST_SIZE || !hasSoundCrc(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { unit, start: view.getUint16(2), count: view.getUint16(4) };
}

/** The answer that holds the data of registers. */
export function encodeAnswer(unit: number, data: Uint8Array): Uint8Array {
  if (data.length > 0xff) throw new RangeError(`an answer holds 255 bytes of data, not ${data.length}`);
  return withCrc(Uint8Array.of(unit, READ, data.length, ...data));
}

/** The answer of a device that will not; `code` as in EXCEPTIONS. */
export function encodeException(unit: number, code: number): Uint8Array {
  return withCrc(Uint8Array.of(unit, EXCEPTION, code));
}

/** The framing of a unit's answers and exceptions. */
export function answerFraming(unit: number): Framing {
  return {
    firstByte: unit,
    starts: ([first, command]) =>
      first === unit && (command === undefined || command === READ || command === EXCEPTION),
    size(bytes) {
      const [, command, length] = bytes;
      if (command === EXCEPTION) return EXCEPTION_SIZE;
      return length === undefined ? undefined : HEAD + length + CRC;
    },
    fault: (frame) => (hasSoundCrc(frame) ? undefined : "checksum"),
  };
}

/**
 * False for a sound answer with data of none of the `lengths`: it answers another request. Anything incomplete or damaged
 * may be an answer whose length byte is damaged.
 */
export function mayHoldData(frame: Uint8Array, lengths: readonly number[]): boolean {
  const [, command, length = 0] = frame;
  if (command !== READ || frame.length !== HEAD + length + CRC || !hasSoundCrc(frame)) return true;
  return lengths.includes(length);
}

/** The data of a sound answer. @throws {FrameError} `refused` for an exception */
export function answerData(frame: Uint8Array): Uint8Array {
  const [, command, code = 0] = frame;
  if (command !== EXCEPTION) return frame.slice(HEAD, -CRC);
  const meaning = EXCEPTIONS.get(code) ?? "an undocumented code";
  throw new FrameError("refused", `the device refused to read registers with exception ${code}: ${meaning}`);
}

const EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [1, "it does not know this function"],
  [2, "it does not have these registers"],
  [3, "it does not take this value"],
  [4, "it failed"],
  [6, "it is busy"],
]);
