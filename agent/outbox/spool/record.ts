// As a whole: a name that Node 18 lacks would be an error before the check of its version.
import zlib from "node:zlib";
import { isSameOrigin, MAX_MESSAGE_BYTES, type Origin } from "../../../common/wire/fields.ts";
import { upgradeReading } from "../../../common/wire/messages.ts";
import { WireError } from "../../../common/wire/wire-error.ts";
import type { Entry, SinceBoot } from "../entry.ts";

/**
 * A spool file is a sequence of records, one reading each (numbers little-endian):
 *
 *     FF "BMS" | length of the rest u32 | its CRC-32 u32 || length of the head u16 | head | encoded reading
 *
 * The head is JSON: [RECORD_VERSION, run, meter, device, driver, seq, takenAt, boot, uptimeMs, isProvisional as 0 or 1, site].
 * The site is left out where there is none. Version 1 ends after takenAt. Versions 1 and 2 have a reading as a map; they are read as well. Records are independent: a
 * file that is cut anywhere keeps all records before the cut, and after a damaged record reading continues at the next mark.
 * Readings of this version are not decoded: the checksum protects them, and an agent starts quickly on a long backlog.
 */
const MARK = Buffer.of(0xff, 0x42, 0x4d, 0x53);
/** Changes with the head or with the encoding of a reading, not with the messages around it. */
const RECORD_VERSION = 3;
const LENGTH_AT = 4;
const CHECKSUM_AT = 8;
const REST_AT = 12;
const HEAD_AT = 2;
/** Position of the site in the head. */
const SITE_AT = 10;

/** The content of a spool file. */
export interface Records {
  readonly entries: readonly Entry[];
  /** Bytes at the end that begin a record and do not complete it, as a kill or a power cut leaves them. */
  readonly tornBytes: number;
  /** The kind of everything else that cannot be read: `version-3` for whole records of that version, else `damaged`. */
  readonly unreadable: string | undefined;
  /** False for a file of another kind. */
  readonly isSpool: boolean;
}

export function encodeRecord({ origin, seq, takenAt, bytes, sinceBoot, isProvisional }: Entry): Uint8Array {
  const { run, site, meter, device, driver } = origin;
  const { boot, uptimeMs } = sinceBoot ?? UNKNOWN_BOOT;
  const fields = [RECORD_VERSION, run, meter, device, driver, seq, takenAt, boot, uptimeMs, isProvisional ? 1 : 0];
  const head = Buffer.from(JSON.stringify(site === undefined ? fields : [...fields, site]));
  const rest = Buffer.concat([Buffer.alloc(HEAD_AT), head, bytes]);
  rest.writeUInt16LE(head.length);
  const start = Buffer.alloc(REST_AT);
  MARK.copy(start);
  start.writeUInt32LE(rest.length, LENGTH_AT);
  start.writeUInt32LE(zlib.crc32(rest), CHECKSUM_AT);
  return Buffer.concat([start, rest]);
}

export function decodeRecords(file: Buffer): Records {
  const entries: Entry[] = [];
  let unreadable: string | undefined;
  let tornBytes = 0;
  for (let at = 0; at < file.length; ) {
    const rest = restAt(file, at);
    const entry = rest && readEntry(rest, entries.at(-1)?.origin);
    if (typeof entry === "object") entries.push(entry);
    else if (entry) unreadable = entry;
    if (rest) {
      at += REST_AT + rest.length;
      continue;
    }
    const next = file.indexOf(MARK, at + 1);
    if (next < 0 && isTorn(file.subarray(at))) tornBytes = file.length - at;
    else unreadable ??= "damaged";
    at = next < 0 ? file.length : next;
  }
  const start = file.subarray(0, MARK.length);
  const isSpool = entries.length > 0 || start.equals(MARK.subarray(0, start.length));
  return { entries, tornBytes, unreadable, isSpool };
}

/** The part of the record at `at` that the checksum covers, or undefined if no whole record begins there. */
function restAt(file: Buffer, at: number): Buffer | undefined {
  const begin = at + REST_AT;
  if (begin > file.length || !file.subarray(at, at + MARK.length).equals(MARK)) return undefined;
  const length = file.readUInt32LE(at + LENGTH_AT);
  if (length < HEAD_AT || length > MAX_MESSAGE_BYTES || begin + length > file.length) return undefined;
  const rest = file.subarray(begin, begin + length);
  return zlib.crc32(rest) === file.readUInt32LE(at + CHECKSUM_AT) ? rest : undefined;
}

/** The beginning of a record whose end is missing, or the zeros that a file system puts in its place. */
function isTorn(tail: Buffer): boolean {
  if (tail.every((byte) => byte === 0)) return true;
  if (!tail.subarray(0, MARK.length).equals(MARK.subarray(0, tail.length))) return false;
  if (tail.length < REST_AT) return true;
  const length = tail.readUInt32LE(LENGTH_AT);
  return length <= MAX_MESSAGE_BYTES && REST_AT + length > tail.length;
}

/** Returns the kind of fault for a reading that this version cannot send. */
function readEntry(rest: Buffer, previous: Origin | undefined): Entry | string {
  const end = HEAD_AT + rest.readUInt16LE();
  const fields = parseHead(rest.toString("utf8", HEAD_AT, end));
  const [version, , , , , seq, takenAt] = fields;
  if (version !== 1 && version !== 2 && version !== RECORD_VERSION)
    return isCount(version) ? `version-${version}` : "damaged";
  if (!isCount(seq) || !isCount(takenAt)) return "damaged";
  const origin = readOrigin(fields, previous);
  if (!origin) return "damaged";
  const bytes = version === RECORD_VERSION ? rest.subarray(end) : upgraded(rest.subarray(end));
  if (!bytes) return "damaged";
  const entry = { origin, seq, takenAt, bytes };
  if (version === 1) return entry;
  const [boot, uptimeMs, provisional] = fields.slice(7);
  if (!isText(boot) || typeof uptimeMs !== "number" || (provisional !== 0 && provisional !== 1)) return "damaged";
  const sinceBoot: SinceBoot | undefined = boot === UNKNOWN_BOOT.boot ? undefined : { boot, uptimeMs };
  return { ...entry, ...(sinceBoot && { sinceBoot }), ...(provisional && { isProvisional: true }) };
}

/** An origin equal to `previous` is shared, to save memory. Undefined for one that is damaged. */
function readOrigin(fields: readonly unknown[], previous: Origin | undefined): Origin | undefined {
  const [, run, meter, device, driver] = fields;
  const site = fields[SITE_AT];
  if (!isText(run) || !isText(meter) || !isText(device) || !isText(driver)) return undefined;
  if (site !== undefined && !isText(site)) return undefined;
  const origin = { run, ...(site !== undefined && { site }), meter, device, driver };
  return previous && isSameOrigin(previous, origin) ? previous : origin;
}

/** Undefined for a reading that cannot be sent. */
function upgraded(reading: Uint8Array): Uint8Array | undefined {
  try {
    return upgradeReading(reading);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

const UNKNOWN_BOOT: SinceBoot = { boot: "", uptimeMs: 0 };

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
