import { parseAddress } from "../model/address.ts";
import { isMeter } from "../model/meter-name.ts";
import { printable } from "../model/printable.ts";
import { QUANTITIES, QUANTITY_NAMES } from "../model/quantities.ts";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT, type Reading, type Sample } from "../model/reading.ts";
import { decodeMsgpack, encodeMsgpack, isMap } from "./msgpack.ts";
import { WireError } from "./wire-error.ts";

/**
 * Messages between agent and aggregator: one self-describing msgpack map per ZeroMQ frame. docs/delivery-protocol.md
 * explains the exchange.
 *
 *     agent      → { v, t: "readings", run, from, after, meter, device, driver, readings: [{ seq, at, sample }, …] }
 *     aggregator → { v, t: "ack", epoch, run, credit, accepted, settled }
 *
 * A delivery without readings asks for the state of the run. Unknown keys are ignored; another version is rejected.
 *
 * `accepted`, `settled` and unsettled mean what they mean in AMQP 1.0 (part 2, Transport: a settled delivery may be
 * forgotten; part 3, Messaging: the accepted outcome), here as one number per run instead of a state per delivery. `credit`
 * is its link credit, as the number after which the sender's window begins.
 */
const WIRE_VERSION = 2;

/** Longest message, in bytes. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Identity of a run and its device: the same for all readings of one message. */
export type Origin = Pick<Reading, "run" | "meter" | "device" | "driver">;

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
  readonly readings: readonly Reading[];
}

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

const KINDS: ReadonlyMap<string, "float" | "int"> = new Map(
  QUANTITY_NAMES.map((name) => [name, QUANTITIES[name].kind]),
);

/** Encodes a reading without its origin: the form that messages carry and spool files keep. @throws {WireError} field */
export function encodeReading({ seq, takenAt, sample }: Reading): Uint8Array {
  return encodeMsgpack({ seq, at: takenAt, sample: checkSample(sample) });
}

/** An encoded reading with another time. */
export function withTime(reading: Uint8Array, takenAt: number): Uint8Array {
  const fields = decodeMsgpack(reading);
  return encodeMsgpack({ ...(isMap(fields) ? fields : {}), at: takenAt });
}

/** Builds a message from readings that are already encoded. */
export function encodeDelivery(origin: Origin, at: Continuity, readings: readonly Uint8Array[]): Uint8Array {
  const { run, meter, device, driver } = origin;
  const { from, after } = at;
  const head = { v: WIRE_VERSION, t: "readings", run, from, after, meter, device, driver, readings: [] };
  const message = encodeMsgpack(head);
  if (readings.length === 0) return message;
  // The empty array is the last byte; it is replaced by the head of an array 16 and its encoded elements.
  const arrayHead = Uint8Array.of(0xdc, readings.length >> 8, readings.length & 0xff);
  return Buffer.concat([message.subarray(0, -1), arrayHead, ...readings]);
}

/** @throws {WireError} */
export function decodeDelivery(bytes: Uint8Array): Delivery {
  return checkDelivery(decodeMessage(bytes));
}

/** Checks every field of a decoded message. @throws {WireError} */
function checkDelivery(value: unknown): Delivery {
  const message = checkMessage(value, "readings");
  const origin: Origin = {
    run: textOf(message, "run", isIdentity),
    meter: textOf(message, "meter", isMeter),
    device: textOf(message, "device", isDevice),
    driver: textOf(message, "driver", isDriver),
  };
  const from = countOf(message, "from", 1);
  const after = countOf(message, "after", from - 1);
  if (!Array.isArray(message.readings)) throw new WireError("field", "readings is not an array");
  let previous = after;
  const readings = message.readings.map((each: unknown) => {
    const reading = checkReading(each, origin);
    if (reading.seq <= previous) throw new WireError("field", `seq ${reading.seq} after ${previous}`);
    previous = reading.seq;
    return reading;
  });
  return { origin, from, after, readings };
}

export function encodeAcknowledgement({ epoch, run, credit, accepted, settled }: Acknowledgement): Uint8Array {
  return encodeMsgpack({ v: WIRE_VERSION, t: "ack", epoch, run, credit, accepted, settled });
}

/** The answer to a message of another version: makes its sender log the mismatch. */
export function encodeVersionNotice(): Uint8Array {
  return encodeMsgpack({ v: WIRE_VERSION, t: "ack" });
}

/** @throws {WireError} */
export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement {
  const message = checkMessage(decodeMessage(bytes), "ack");
  const epoch = textOf(message, "epoch", isIdentity);
  const run = textOf(message, "run", isIdentity);
  const credit = countOf(message, "credit", 0);
  const accepted = countOf(message, "accepted", 0);
  const settled = countOf(message, "settled", 0);
  if (accepted > credit || settled > accepted) throw new WireError("field", "settled, accepted, credit do not rise");
  return { epoch, run, credit, accepted, settled };
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws {WireError} oversize, malformed */
function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new WireError("oversize", `${bytes.length} bytes`);
  try {
    return decodeMsgpack(bytes);
  } catch (cause) {
    // Also a RangeError of the stack: the bytes alone decide what the decoder does.
    throw new WireError("malformed", quote((cause as Error).message), { cause });
  }
}

/** @throws {WireError} malformed, version, kind */
function checkMessage(value: unknown, kind: string): Fields {
  if (!isMap(value)) throw new WireError("malformed", "not a map");
  const { v, t } = value;
  if (v !== WIRE_VERSION) {
    const remedy = "install the same version of bms-agent and bms-aggregator, and restart both";
    const version = typeof v === "number" ? `wire version ${v}` : "no wire version";
    throw new WireError("version", `${version}, expected ${WIRE_VERSION}: ${remedy}`);
  }
  if (t !== kind) throw new WireError("kind", `kind ${quote(t)}, expected ${quote(kind)}`);
  return value;
}

function checkReading(value: unknown, origin: Origin): Reading {
  if (!isMap(value)) throw new WireError("field", "a reading is not a map");
  const takenAt = countOf(value, "at", EARLIEST_TAKEN_AT);
  if (takenAt >= LATEST_TAKEN_AT) throw new WireError("field", `at is ${takenAt}`);
  return { ...origin, takenAt, seq: countOf(value, "seq", 1), sample: checkSample(value.sample) };
}

/** A sample of known quantities with usable values; unknown quantities are left out. */
function checkSample(value: unknown): Sample {
  if (!isMap(value)) throw new WireError("field", "sample is not a map");
  let isAllKnown = true;
  for (const name of Object.keys(value)) {
    const kind = KINDS.get(name);
    if (kind === undefined) isAllKnown = false;
    else if (!isUsable(kind, value[name])) throw new WireError("field", `${name} is ${describe(value[name])}`);
  }
  return isAllKnown ? value : Object.fromEntries(Object.entries(value).filter(([name]) => KINDS.has(name)));
}

function isUsable(kind: "float" | "int", value: unknown): boolean {
  if (kind === "int") return Number.isSafeInteger(value);
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

function textOf(fields: Fields, name: string, isValid: (text: string) => boolean): string {
  const text = fields[name];
  if (typeof text !== "string" || !isValid(text)) throw new WireError("field", `${name} is ${quote(text)}`);
  return text;
}

/** A whole number, `least` or more. */
function countOf(fields: Fields, name: string, least: number): number {
  const count = fields[name];
  if (!Number.isSafeInteger(count) || (count as number) < least) {
    throw new WireError("field", `${name} is ${describe(count)}`);
  }
  return count as number;
}

const isIdentity = (text: string) => /^[0-9a-f]{16}$/.test(text);
const isDevice = (text: string) => parseAddress(text) === text;
const isDriver = (text: string) => /^[a-z][a-z0-9-]{0,31}$/.test(text);

/** A foreign text, safe to log and short. */
function quote(value: unknown): string {
  return typeof value === "string" ? printable(JSON.stringify(value.slice(0, 40))) : "not a text";
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : "not a number";
}
