import { crc32 } from "node:zlib";
import { MAX_MESSAGE_BYTES, type Origin } from "../../../common/wire/messages.ts";
import type { Entry } from "../ledger.ts";

/**
 * A spool file is a sequence of records, one reading each (numbers little-endian):
 *
 *     FF "BMS" | length of the rest u32 | its CRC-32 u32 || length of the head u16 | head | encoded reading
 *
 * The head is JSON: [RECORD_VERSION, run, meter, device, driver, seq, takenAt]. Records are
 * independent: a file that is cut anywhere keeps all records before the cut, and after a damaged record reading continues
 * at the next mark. Readings are not decoded: the checksum protects them, and an agent starts quickly on a long backlog.
 */
const MARK = Buffer.of(0xff, 0x42, 0x4d, 0x53);
/** Changes with the head or with the encoding of a reading, not with the messages around it. */
const RECORD_VERSION = 1;
const LENGTH_AT = 4;
const CHECKSUM_AT = 8;
const REST_AT = 12;
const HEAD_AT = 2;

/** The content of a spool file. */
export interface Records {
  readonly entries: readonly Entry[];
  /** Bytes outside of whole records: a torn tail, or damage. */
  readonly lostBytes: number;
  /** False for a file of another kind. */
  readonly isSpool: boolean;
}

export function encodeRecord({ origin, seq, takenAt, bytes }: Entry): Uint8Array {
  const { run, meter, device, driver } = origin;
  const head = Buffer.from(JSON.stringify([RECORD_VERSION, run, meter, device, driver, seq, takenAt]));
  const rest = Buffer.concat([Buffer.alloc(HEAD_AT), head, bytes]);
  rest.writeUInt16LE(head.length);
  const start = Buffer.alloc(REST_AT);
  MARK.copy(start);
  start.writeUInt32LE(rest.length, LENGTH_AT);
  start.writeUInt32LE(crc32(rest), CHECKSUM_AT);
  return Buffer.concat([start, rest]);
}

export function decodeRecords(file: Buffer): Records {
  const entries: Entry[] = [];
  let wholeBytes = 0;
  for (let at = 0; at >= 0 && at < file.length; ) {
    const rest = restAt(file, at);
    const entry = rest && readEntry(rest, entries.at(-1)?.origin);
    if (rest && entry) {
      entries.push(entry);
      wholeBytes += REST_AT + rest.length;
      at += REST_AT + rest.length;
    } else at = file.indexOf(MARK, at + 1);
  }
  const start = file.subarray(0, MARK.length);
  const isSpool = entries.length > 0 || start.equals(MARK.subarray(0, start.length));
  return { entries, lostBytes: file.length - wholeBytes, isSpool };
}

/** The part of the record at `at` that the checksum covers, or undefined if no whole record begins there. */
function restAt(file: Buffer, at: number): Buffer | undefined {
  const begin = at + REST_AT;
  if (begin > file.length || !file.subarray(at, at + MARK.length).equals(MARK)) return undefined;
  const length = file.readUInt32LE(at + LENGTH_AT);
  if (length < HEAD_AT || length > MAX_MESSAGE_BYTES || begin + length > file.length) return undefined;
  const rest = file.subarray(begin, begin + length);
  return crc32(rest) === file.readUInt32LE(at + CHECKSUM_AT) ? rest : undefined;
}

/** Undefined for a reading that this version cannot send. An origin equal to `previous` is shared, to save memory. */
function readEntry(rest: Buffer, previous: Origin | undefined): Entry | undefined {
  const end = HEAD_AT + rest.readUInt16LE();
  const [version, run, meter, device, driver, seq, takenAt] = parseHead(rest.toString("utf8", HEAD_AT, end));
  if (version !== RECORD_VERSION || !isCount(seq) || !isCount(takenAt)) return undefined;
  if (!isText(run) || !isText(meter) || !isText(device) || !isText(driver)) return undefined;
  const origin = { run, meter, device, driver };
  const isSame = previous?.run === run && previous.meter === meter && previous.driver === driver;
  return { origin: isSame && previous.device === device ? previous : origin, seq, takenAt, bytes: rest.subarray(end) };
}

function parseHead(text: string): readonly unknown[] {
  try {
    const head: unknown = JSON.parse(text);
    return Array.isArray(head) ? head : [];
  } catch {
    return [];
  }
}

const isText = (field: unknown): field is string => typeof field === "string";
const isCount = (field: unknown): field is number => Number.isSafeInteger(field);
