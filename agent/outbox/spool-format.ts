import { crc32 } from "node:zlib";
import { decodeDelivery, encodeDelivery, encodeReading, MAX_MESSAGE_BYTES } from "../../common/wire.ts";
import { WireError } from "../../common/wire-error.ts";
import type { Entry } from "./ledger.ts";

/**
 * A spool file is a row of records, each the delivery of one reading as it travels:
 *
 *     FF "BMS" | length u32 | CRC-32 of the message u32 | message          numbers little-endian
 *
 * No record needs another: a file that is cut anywhere keeps all that stand whole before the cut, and behind a damaged
 * record reading goes on at the next mark.
 */
const MARK = Buffer.of(0xff, 0x42, 0x4d, 0x53);
const LENGTH_AT = 4;
const CHECKSUM_AT = 8;
const HEAD_BYTES = 12;

/** What a file holds. */
export interface Records {
  readonly entries: readonly Entry[];
  /** Bytes that are in no whole record: a torn tail, or damage. */
  readonly lostBytes: number;
  /** False for a file of another kind: nothing in it is ours. */
  readonly isSpool: boolean;
}

export function encodeRecord({ origin, seq, bytes }: Entry): Uint8Array {
  const message = encodeDelivery(origin, { from: seq, after: seq - 1 }, [bytes]);
  const head = Buffer.alloc(HEAD_BYTES);
  MARK.copy(head);
  head.writeUInt32LE(message.length, LENGTH_AT);
  head.writeUInt32LE(crc32(message), CHECKSUM_AT);
  return Buffer.concat([head, message]);
}

export function decodeRecords(file: Buffer): Records {
  const entries: Entry[] = [];
  let wholeBytes = 0;
  for (let at = 0; at >= 0 && at < file.length; ) {
    const message = messageAt(file, at);
    const found = message && readEntries(message);
    if (message && found) {
      entries.push(...found);
      wholeBytes += HEAD_BYTES + message.length;
      at += HEAD_BYTES + message.length;
    } else at = file.indexOf(MARK, at + 1);
  }
  const start = file.subarray(0, MARK.length);
  const isSpool = entries.length > 0 || start.equals(MARK.subarray(0, start.length));
  return { entries, lostBytes: file.length - wholeBytes, isSpool };
}

/** The message of the record that begins here, or undefined where none stands whole. */
function messageAt(file: Buffer, at: number): Buffer | undefined {
  const begin = at + HEAD_BYTES;
  if (begin > file.length || !file.subarray(at, at + MARK.length).equals(MARK)) return undefined;
  const length = file.readUInt32LE(at + LENGTH_AT);
  if (length > MAX_MESSAGE_BYTES || begin + length > file.length) return undefined;
  const message = file.subarray(begin, begin + length);
  return crc32(message) === file.readUInt32LE(at + CHECKSUM_AT) ? message : undefined;
}

/** Undefined for a message that no aggregator would take. */
function readEntries(message: Uint8Array): Entry[] | undefined {
  try {
    const { origin, readings } = decodeDelivery(message);
    return readings.map((reading) => {
      const { seq, takenAt } = reading;
      return { origin, seq, takenAt, bytes: encodeReading(reading) };
    });
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
