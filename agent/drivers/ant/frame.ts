import type { Framing } from "../../codec/assembler.ts";
import { crc16 } from "../../codec/modbus.ts";

/**
 * Frames of ANT boards. Of newer ones, little endian:
 *
 *     7E A1  function  address (2)  length  data…  crc (2)  AA 55
 *
 * The function of an answer is that of the request with bit 4 set. The CRC is Modbus's, from A1 to the end of the data. Behind
 * the CRC of an answer about the device are six more bytes. Of older ones, big endian:
 *
 *     DB DB 00 00 00 00                       request
 *     AA 55 AA FF  data (134)  sum (2)        record
 *
 * Source: syssi/esphome-ant-bms (docs/pdus).
 */
const START = [0x7e, 0xa1] as const;
const END = [0xaa, 0x55] as const;
const HEAD = 6;
const OVERHEAD = 10;
/** Of a captured answer about the device. */
const MORE = [0xff, 0x0b, 0x00, 0x00, 0x41, 0xf2] as const;

export const FUNCTIONS = { status: 0x11, information: 0x12, password: 0x43 } as const;
const REQUEST_PASSWORD = 0x23;
const PASSWORD_ADDRESS = 0x6a01;
export const PASSWORD_SIZE = 8;

export const READ_STATUS = encodeRequest(0x01, 0x0000, Uint8Array.of(), 0xbe);
export const READ_INFORMATION = encodeRequest(0x02, 0x026c, Uint8Array.of(), 0x20);
export const READ_LEGACY = Uint8Array.of(0xdb, 0xdb, 0, 0, 0, 0);

/** @throws {RangeError} where it has not eight characters of ASCII */
export function encodePassword(password: string): Uint8Array {
  if (!/^[ -~]{8}$/.test(password)) throw new RangeError("a password has eight characters");
  return encodeRequest(REQUEST_PASSWORD, PASSWORD_ADDRESS, Buffer.from(password, "latin1"));
}

export function isPassword([first, second, kind]: Uint8Array): boolean {
  return first === START[0] && second === START[1] && kind === REQUEST_PASSWORD;
}

/** `length` is that of the data, or of the data that are asked for. */
function encodeRequest(kind: number, address: number, data: Uint8Array, length = data.length): Uint8Array {
  return closed(Uint8Array.of(...START, kind, address & 0xff, address >> 8, length, ...data));
}

/** An answer with the given bytes from offset 0 on, of which start, function, length, CRC and end are filled in here. */
export function encodeAnswer(kind: keyof typeof FUNCTIONS, body: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(body);
  bytes.set([...START, FUNCTIONS[kind]]);
  bytes[HEAD - 1] = body.length - HEAD;
  return closed(bytes, kind === "information" ? MORE : []);
}

function closed(body: Uint8Array, more: readonly number[] = []): Uint8Array {
  const crc = crc16(body.subarray(1));
  return Uint8Array.of(...body, crc & 0xff, crc >> 8, ...more, ...END);
}

export const antFraming: Framing = {
  firstByte: START[0],
  starts: ([first, second]) => first === START[0] && (second ?? START[1]) === START[1],
  size: (bytes) =>
    bytes.length < HEAD
      ? undefined
      : (bytes[HEAD - 1] ?? 0) + OVERHEAD + (bytes[2] === FUNCTIONS.information ? MORE.length : 0),
  fault(frame) {
    if (frame.at(-2) !== END[0] || frame.at(-1) !== END[1]) return "malformed";
    const crcAt = HEAD + (frame[HEAD - 1] ?? 0);
    const stated = (frame[crcAt] ?? 0) + 256 * (frame[crcAt + 1] ?? 0);
    return crc16(frame.subarray(1, crcAt)) === stated ? undefined : "checksum";
  },
};

/** True of an answer of this function, and of a beginning that is too short to know. */
export function isAnswer(kind: keyof typeof FUNCTIONS): (frame: Uint8Array) => boolean {
  return ([, , found]) => found === undefined || found === FUNCTIONS[kind];
}

/** The data of a sound answer. */
export function dataOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(HEAD, HEAD + (frame[HEAD - 1] ?? 0));
}

const LEGACY_START = [0xaa, 0x55, 0xaa, 0xff] as const;
const LEGACY_SIZE = 140;

export const legacyFraming: Framing = {
  firstByte: LEGACY_START[0],
  starts: (bytes) => LEGACY_START.every((byte, i) => (bytes[i] ?? byte) === byte),
  size: (bytes) => (bytes.length < LEGACY_START.length ? undefined : LEGACY_SIZE),
  fault: (frame) => (legacySum(frame) === 256 * (frame[138] ?? 0) + (frame[139] ?? 0) ? undefined : "checksum"),
};

/** A record with the given bytes from offset 0 on, of which start and sum are filled in here. */
export function encodeLegacyRecord(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LEGACY_SIZE);
  bytes.set(body);
  bytes.set(LEGACY_START);
  const sum = legacySum(bytes);
  bytes.set([sum >> 8, sum & 0xff], LEGACY_SIZE - 2);
  return bytes;
}

function legacySum(frame: Uint8Array): number {
  let sum = 0;
  for (const byte of frame.subarray(LEGACY_START.length, -2)) sum += byte;
  return sum & 0xffff;
}
