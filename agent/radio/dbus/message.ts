// cspell:ignore yyyyuua
import { createWriter, readValues, variant } from "./value.ts";

/**
 * A D-Bus message without its body (D-Bus specification, "Message Format"):
 *
 *     0  endianness (l or B) · kind · flags · version
 *     4  length of the body · serial · length of the header fields
 *    16  header fields: code, signature, value, each aligned to 8
 *        padding to 8, then the body
 */
export interface MessageHead extends HeaderFields {
  readonly kind: MessageKind | "other";
  readonly flags: number;
  readonly serial: number;
  readonly isLittle: boolean;
  readonly bodyAt: number;
  /** Bytes of the whole message. */
  readonly length: number;
}

interface HeaderFields {
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  /** Of the call that is answered. */
  readonly replySerial?: number;
  readonly destination?: string;
  /** Set by the bus, so that no program can forge it. */
  readonly sender?: string;
  readonly signature?: string;
}

type MessageKind = (typeof KINDS)[number];

export interface OutgoingMessage extends HeaderFields {
  readonly kind: MessageKind;
  readonly flags?: number;
  readonly body?: readonly unknown[];
}

const KINDS = ["call", "return", "error", "signal"] as const;
export const NO_REPLY_EXPECTED = 1;
export const NO_AUTO_START = 2;

/** Header fields in the order of their codes, which begin with 1. */
const FIELDS = [
  ["path", "o"],
  ["interface", "s"],
  ["member", "s"],
  ["errorName", "s"],
  ["replySerial", "u"],
  ["destination", "s"],
  ["sender", "s"],
  ["signature", "g"],
] as const;
const FIXED = 16;
/** Longer headers are not read: the longest of bluetoothd and of the bus are a tenth of it. */
const MAX_HEADER = 4_096;

export function encodeMessage(serial: number, message: OutgoingMessage): Buffer {
  const { kind, flags = 0, signature = "", body = [] } = message;
  const header = FIELDS.flatMap(([name, type], i) => (message[name] ? [[i + 1, variant(type, message[name])]] : []));
  const writer = createWriter();
  writer.put("yyyyuua(yv)", [LITTLE, KINDS.indexOf(kind) + 1, flags, 1, 0, serial, header]);
  writer.align(8);
  const bodyAt = writer.length;
  writer.put(signature, body);
  const bytes = writer.bytes();
  // The body is aligned to its message, as the header ends on a multiple of 8.
  bytes.writeUInt32LE(bytes.length - bodyAt, 4);
  return bytes;
}

const LITTLE = 0x6c;

/** Undefined while more bytes are needed. Of a header that is too long, only kind and length are known. */
export function decodeHead(bytes: Buffer): MessageHead | undefined {
  if (bytes.length < FIXED) return undefined;
  const isLittle = bytes[0] === LITTLE;
  const word = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const bodyAt = align(FIXED + word(12), 8);
  const start: MessageHead = {
    kind: KINDS[(bytes[1] ?? 0) - 1] ?? "other",
    flags: bytes[2] ?? 0,
    serial: word(8),
    isLittle,
    bodyAt,
    length: bodyAt + word(4),
  };
  if (bodyAt > MAX_HEADER) return start;
  return bytes.length < bodyAt ? undefined : { ...start, ...readFields(bytes, bodyAt, word) };
}

/** Fields behind one of an unknown type are not read. */
function readFields(bytes: Buffer, end: number, word: (at: number) => number): HeaderFields {
  const fields: Record<string, string | number> = {};
  for (let at = FIXED; at + 8 <= end; ) {
    const [name, type] = FIELDS[(bytes[at] ?? 0) - 1] ?? [];
    const code = bytes[at + 1] === 1 ? String.fromCharCode(bytes[at + 2] ?? 0) : "";
    const place = placeOf(bytes, at + 4, code, word);
    if (!place || place.end > end) break;
    if (name && code === type) {
      fields[name] = code === "u" ? word(place.start) : bytes.toString("utf8", place.start, place.end);
    }
    // A text is followed by a zero byte.
    at = align(code === "u" ? place.end : place.end + 1, 8);
  }
  return fields;
}

/** Of a value; undefined for a type that no header field has. */
function placeOf(bytes: Buffer, at: number, code: string, word: (at: number) => number) {
  switch (code) {
    case "u":
      return { start: at, end: at + 4 };
    case "g":
      return { start: at + 1, end: at + 1 + (bytes[at] ?? 0) };
    case "s":
    case "o":
      return { start: at + 4, end: at + 4 + word(at) };
    default:
      return undefined;
  }
}

/** The values of a whole message. @throws {Error} if it is not one */
export function decodeBody(
  bytes: Buffer,
  { bodyAt, length, signature = "", isLittle }: MessageHead,
): readonly unknown[] {
  return readValues(bytes.subarray(0, length), bodyAt, signature, isLittle);
}

function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}
