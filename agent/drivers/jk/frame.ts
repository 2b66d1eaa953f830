import type { Framing } from "../../codec/assembler.ts";

/**
 * Frames of JK boards. A request has 20 bytes, a record 300:
 *
 *     request  AA 55 90 EB  command  00 × 14                sum
 *     record   55 AA EB 90  type     counter  294 bytes     sum
 *
 * The sum is the low byte of the sum of all bytes before it. The bytes of a record come over a serial bridge: notifications
 * of any size do not respect its edges. Source: syssi/esphome-jk-bms (docs/protocol-design-ble.md).
 */
const HEADER = [0x55, 0xaa, 0xeb, 0x90] as const;
const REQUEST_HEADER = [0xaa, 0x55, 0x90, 0xeb] as const;
const REQUEST_SIZE = 20;
export const RECORD_SIZE = 300;
const TYPE_AT = 4;

export const RECORD_TYPES = { settings: 0x01, cells: 0x02, information: 0x03 } as const;
export type RecordType = keyof typeof RECORD_TYPES;

/** Starts the stream of cell records, after one record of the settings. */
export const START_STREAM = encodeRequest(0x96);
/** Asks for one information record. */
export const READ_INFORMATION = encodeRequest(0x97);

function encodeRequest(command: number): Uint8Array {
  const bytes = new Uint8Array(REQUEST_SIZE);
  bytes.set([...REQUEST_HEADER, command]);
  bytes[REQUEST_SIZE - 1] = sumOf(bytes.subarray(0, -1));
  return bytes;
}

/** `body` are the bytes from offset 0 on, of which header, type, counter and sum are filled in here. */
export function encodeRecord(type: RecordType, counter: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(RECORD_SIZE);
  bytes.set(body);
  bytes.set([...HEADER, RECORD_TYPES[type], counter & 0xff]);
  bytes[RECORD_SIZE - 1] = sumOf(bytes.subarray(0, -1));
  return bytes;
}

/** True of a record of this type, and of a beginning that is too short to know. */
export function isRecord(type: RecordType): (frame: Uint8Array) => boolean {
  return (frame) => frame[TYPE_AT] === undefined || frame[TYPE_AT] === RECORD_TYPES[type];
}

export const jkFraming: Framing = {
  firstByte: HEADER[0],
  isWeak: true,
  starts: (bytes) => HEADER.every((byte, i) => (bytes[i] ?? byte) === byte),
  size: (bytes) => (bytes.length < HEADER.length ? undefined : RECORD_SIZE),
  fault(frame) {
    // The rest of the record before was lost.
    if (headerIn(frame, 1) >= 0) return "malformed";
    return sumOf(frame.subarray(0, -1)) === frame.at(-1) ? undefined : "checksum";
  },
};

/** Offset of the first header from `from` on, or -1. */
export function headerIn(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(HEADER[0], from);
  while (at >= 0 && !HEADER.every((byte, i) => bytes[at + i] === byte)) at = bytes.indexOf(HEADER[0], at + 1);
  return at;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xff;
}
