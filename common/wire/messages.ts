import { isOwner } from "../hosts/meter-owners.ts";
import type { Reading } from "../model/reading.ts";
import type { Row } from "../model/row.ts";
import {
  checkOrigin,
  checkReading,
  checkSample,
  countOf,
  decodeMap,
  type Fields,
  isIdentity,
  type Origin,
  quote,
  textOf,
} from "./fields.ts";
import { decodeMsgpack, encodeMsgpack } from "./msgpack.ts";
import { checkRows, rowsOfMaps, tabulate } from "./rows.ts";
import { WireError } from "./wire-error.ts";

/**
 * Messages between agent and aggregator: one self-describing msgpack map per ZeroMQ frame. docs/delivery-protocol.md
 * explains the exchange.
 *
 *     agent      → { v, t: "readings", run, from, after, meter, site?, device, driver, readings: [header, row, …], latest?, sent? }
 *     aggregator → { v, t: "ack", epoch, run, credit, accepted, settled }
 *                  { v, t: "ack", run, refused: "owner", host, owner }
 *
 * A header names the columns of the rows `[seq, at, value, …]` that follow it, as in `"volts,amps"`; rows.ts has the details.
 * A delivery without readings asks for the state of the run, and may show the latest reading, as `[header, row]`, while it
 * has to wait. Unknown keys are ignored; another version is rejected.
 *
 * `accepted`, `settled` and unsettled mean what they mean in AMQP 1.0 (part 2, Transport: a settled delivery may be
 * forgotten; part 3, Messaging: the accepted outcome), here as one number per run instead of a state per delivery. `credit`
 * is its link credit, as the number after which the sender's window begins.
 */
const WIRE_VERSION = 3;
/** Its deliveries are read as well: their readings are maps `{ seq, at, sample }`. */
const MAPS_VERSION = 2;
/** Acknowledgements are those of version 2, which all agents read. */
const ACK_VERSION = 2;
/** Reason of a refusal. */
const BY_OWNER = "owner";

/** Position of the time in a row. */
const AT = 1;
/** First byte of a msgpack text of 32 to 255 bytes. */
const STR_8 = 0xd9;
/** First byte of an empty msgpack map. */
const EMPTY_MAP = 0x80;
/** For callers to whom only the reading matters. */
const NO_ORIGIN: Origin = { run: "", meter: "", device: "", driver: "" };

/** Position of a delivery within its run. Sequence numbers may have gaps, so a lost message shows only in `after`. */
export interface Continuity {
  /** Lowest sequence number the sender still holds. Lower ones will never be sent again. */
  readonly from: number;
  /** Sequence number that the sender holds before the first of these readings, or `from - 1` if there is none. */
  readonly after: number;
}

/** Readings of one run with rising sequence numbers, possibly none. */
export interface Delivery extends Continuity {
  readonly origin: Origin;
  readonly readings: readonly Row[];
  /** A reading to be shown and not kept: it is delivered when its turn comes. */
  readonly latest?: Row;
  /** The sender's clock when it sent this, ms since the Unix epoch: over a network only. */
  readonly sent?: number;
}

/** The answer to a delivery of a meter that belongs to another host. Nothing of it is taken. */
export interface Refusal {
  readonly run: string;
  /** The sender's host, under the name that the aggregator has for it. */
  readonly host: string;
  /** The host to which the meter belongs. */
  readonly owner: string;
}

export type Reply = Acknowledgement | Refusal;

/** State of one run in the aggregator. Each number covers all readings of the run up to it: settled ≤ accepted ≤ credit. */
export interface Acknowledgement {
  /** 16 random hexadecimal digits. When it changes, everything unsettled must be sent again. */
  readonly epoch: string;
  readonly run: string;
  /** The sender's window begins after this number: flow control only, no promise about the readings. */
  readonly credit: number;
  /** Written to every required output. */
  readonly accepted: number;
  /** Stored: the sender may forget these readings. */
  readonly settled: number;
}

/**
 * Encodes a reading without its origin, as the array `[header, row]`: the form that spool files keep. Impossible values are
 * left out.
 */
export function encodeReading({ seq, takenAt, sample }: Pick<Reading, "seq" | "takenAt" | "sample">): Uint8Array {
  const { header, values } = tabulate(checkSample(sample));
  return encodeMsgpack([header, [seq, takenAt, ...values]]);
}

/** An encoded reading with another time. */
export function withTime(reading: Uint8Array, takenAt: number): Uint8Array {
  const [header, row] = decodeMsgpack(reading) as [string, number[]];
  return encodeMsgpack([header, row.with(AT, takenAt)]);
}

/** An encoded reading as version 2 had it: a map `{ seq, at, sample }`. @throws {WireError} */
export function upgradeReading(reading: Uint8Array): Uint8Array {
  const { seq, takenAt, sample } = checkReading(decodeMap(reading), NO_ORIGIN);
  return encodeReading({ seq, takenAt, sample });
}

/** Builds a message from readings that are already encoded. */
export function encodeDelivery(origin: Origin, at: Continuity, readings: readonly Uint8Array[]): Uint8Array {
  const message = encodeMsgpack(headOf(origin, at));
  if (readings.length === 0) return message;
  const items = itemsOf(readings);
  // The empty array is the last byte; it is replaced by the head of an array 16 and its encoded elements.
  const arrayHead = Uint8Array.of(0xdc, items.length >> 8, items.length & 0xff);
  return Buffer.concat([message.subarray(0, -1), arrayHead, ...items]);
}

/** The headers and rows of encoded readings. A header is left out where it is that of the row before. */
function itemsOf(readings: readonly Uint8Array[]): Uint8Array[] {
  const items: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array();
  for (const reading of readings) {
    const rowAt = textEnd(reading, 1);
    const header = reading.subarray(1, rowAt);
    if (Buffer.compare(header, previous) !== 0) items.push(header);
    items.push(reading.subarray(rowAt));
    previous = header;
  }
  return items;
}

/** The position behind an encoded text. Its length is in the low bits of the first byte, or in the one or two bytes after it. */
function textEnd(bytes: Uint8Array, at: number): number {
  const [head = 0, high = 0, low = 0] = bytes.subarray(at, at + 3);
  if (head < STR_8) return at + 1 + (head & 0x1f);
  return head === STR_8 ? at + 2 + high : at + 3 + high * 256 + low;
}

/** Builds a request for the state of a run that shows a reading, already encoded, which has to wait. */
export function encodePreview(origin: Origin, at: Continuity, latest: Uint8Array): Uint8Array {
  return encodeMsgpack({ ...headOf(origin, at), latest: decodeMsgpack(latest) });
}

/** A message with the time of the sender's clock, as one key more. */
export function withSendTime(message: Uint8Array, sentAt: number): Uint8Array {
  const [head = EMPTY_MAP] = message;
  // The low four bits of a map's first byte are the number of its keys; a delivery has at most 12.
  return Buffer.concat([Uint8Array.of(head + 1), message.subarray(1), encodeMsgpack("sent"), encodeMsgpack(sentAt)]);
}

/** A delivery without readings. */
function headOf({ run, site, meter, device, driver }: Origin, { from, after }: Continuity) {
  const place = site === undefined ? { meter } : { meter, site };
  return { v: WIRE_VERSION, t: "readings", run, from, after, ...place, device, driver, readings: [] };
}

/** @throws {WireError} */
export function decodeDelivery(bytes: Uint8Array): Delivery {
  return checkDelivery(decodeMap(bytes));
}

/** Checks every field of a decoded message. @throws {WireError} */
function checkDelivery(value: Fields): Delivery {
  const message = checkMessage(value, "readings", [WIRE_VERSION, MAPS_VERSION]);
  const isOfMaps = message.v === MAPS_VERSION;
  const origin = checkOrigin(message);
  const from = countOf(message, "from", 1);
  const after = countOf(message, "after", from - 1);
  if (!Array.isArray(message.readings)) throw new WireError("field", "readings is not an array");
  const readings = checkRows(isOfMaps ? rowsOfMaps(message.readings) : message.readings, origin, after);
  const sent = message.sent === undefined ? {} : { sent: countOf(message, "sent", 0) };
  if (message.latest === undefined) return { origin, from, after, readings, ...sent };
  const shown = isOfMaps ? rowsOfMaps([message.latest]) : message.latest;
  const [latest] = Array.isArray(shown) ? checkRows(shown, origin, 0) : [];
  if (!latest) throw new WireError("field", "latest is not a reading");
  return { origin, from, after, readings, latest, ...sent };
}

export function encodeAcknowledgement({ epoch, run, credit, accepted, settled }: Acknowledgement): Uint8Array {
  return encodeMsgpack({ v: ACK_VERSION, t: "ack", epoch, run, credit, accepted, settled });
}

export function encodeRefusal({ run, host, owner }: Refusal): Uint8Array {
  return encodeMsgpack({ v: ACK_VERSION, t: "ack", run, refused: BY_OWNER, host, owner });
}

/** The answer to a message of another version: makes its sender log the mismatch. */
export function encodeVersionNotice(): Uint8Array {
  return encodeMsgpack({ v: ACK_VERSION, t: "ack" });
}

/** @throws {WireError} */
export function decodeReply(bytes: Uint8Array): Reply {
  const message = checkMessage(decodeMap(bytes), "ack", [ACK_VERSION]);
  return "refused" in message ? checkRefusal(message) : checkAcknowledgement(message);
}

/** @throws {WireError} */
export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement {
  return checkAcknowledgement(checkMessage(decodeMap(bytes), "ack", [ACK_VERSION]));
}

function checkRefusal(message: Fields): Refusal {
  textOf(message, "refused", (text) => text === BY_OWNER);
  return {
    run: textOf(message, "run", isIdentity),
    host: textOf(message, "host", isOwner),
    owner: textOf(message, "owner", isOwner),
  };
}

function checkAcknowledgement(message: Fields): Acknowledgement {
  if (!("epoch" in message))
    throw new WireError("version", `the aggregator does not read wire version ${WIRE_VERSION}: ${REMEDY}`);
  const epoch = textOf(message, "epoch", isIdentity);
  const run = textOf(message, "run", isIdentity);
  const credit = countOf(message, "credit", 0);
  const accepted = countOf(message, "accepted", 0);
  const settled = countOf(message, "settled", 0);
  if (accepted > credit || settled > accepted) throw new WireError("field", "settled, accepted, credit do not rise");
  return { epoch, run, credit, accepted, settled };
}

const REMEDY = "install the same version of bms-agent and bms-aggregator, and restart both";

/** @throws {WireError} version, kind */
function checkMessage(value: Fields, kind: string, versions: readonly number[]): Fields {
  const { v, t } = value;
  if (typeof v !== "number" || !versions.includes(v)) {
    const version = typeof v === "number" ? `wire version ${v}` : "no wire version";
    throw new WireError("version", `${version}, expected ${versions.join(" or ")}: ${REMEDY}`);
  }
  if (t !== kind) throw new WireError("kind", `kind ${quote(t)}, expected ${quote(kind)}`);
  return value;
}
