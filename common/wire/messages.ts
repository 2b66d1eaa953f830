import type { Reading } from "../model/reading.ts";
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
import { decodeMsgpack, encodeMsgpack, isMap } from "./msgpack.ts";
import { WireError } from "./wire-error.ts";

/**
 * Messages between agent and aggregator: one self-describing msgpack map per ZeroMQ frame. docs/delivery-protocol.md
 * explains the exchange.
 *
 *     agent      → { v, t: "readings", run, from, after, meter, device, driver, readings: [{ seq, at, sample }, …], latest? }
 *     aggregator → { v, t: "ack", epoch, run, credit, accepted, settled }
 *
 * A delivery without readings asks for the state of the run, and may show the latest reading while it has to wait. Unknown keys are ignored; another version is rejected.
 *
 * `accepted`, `settled` and unsettled mean what they mean in AMQP 1.0 (part 2, Transport: a settled delivery may be
 * forgotten; part 3, Messaging: the accepted outcome), here as one number per run instead of a state per delivery. `credit`
 * is its link credit, as the number after which the sender's window begins.
 */
const WIRE_VERSION = 2;

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
  /** A reading to be shown and not kept: it is delivered when its turn comes. */
  readonly latest?: Reading;
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
  const message = encodeMsgpack(headOf(origin, at));
  if (readings.length === 0) return message;
  // The empty array is the last byte; it is replaced by the head of an array 16 and its encoded elements.
  const arrayHead = Uint8Array.of(0xdc, readings.length >> 8, readings.length & 0xff);
  return Buffer.concat([message.subarray(0, -1), arrayHead, ...readings]);
}

/** Builds a request for the state of a run that shows a reading, already encoded, which has to wait. */
export function encodePreview(origin: Origin, at: Continuity, latest: Uint8Array): Uint8Array {
  return encodeMsgpack({ ...headOf(origin, at), latest: decodeMsgpack(latest) });
}

/** A delivery without readings. */
function headOf({ run, meter, device, driver }: Origin, { from, after }: Continuity) {
  return { v: WIRE_VERSION, t: "readings", run, from, after, meter, device, driver, readings: [] };
}

/** @throws {WireError} */
export function decodeDelivery(bytes: Uint8Array): Delivery {
  return checkDelivery(decodeMap(bytes));
}

/** Checks every field of a decoded message. @throws {WireError} */
function checkDelivery(value: Fields): Delivery {
  const message = checkMessage(value, "readings");
  const origin = checkOrigin(message);
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
  const latest = message.latest === undefined ? undefined : checkReading(message.latest, origin);
  return { origin, from, after, readings, ...(latest && { latest }) };
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
  const message = checkMessage(decodeMap(bytes), "ack");
  const epoch = textOf(message, "epoch", isIdentity);
  const run = textOf(message, "run", isIdentity);
  const credit = countOf(message, "credit", 0);
  const accepted = countOf(message, "accepted", 0);
  const settled = countOf(message, "settled", 0);
  if (accepted > credit || settled > accepted) throw new WireError("field", "settled, accepted, credit do not rise");
  return { epoch, run, credit, accepted, settled };
}

/** @throws {WireError} version, kind */
function checkMessage(value: Fields, kind: string): Fields {
  const { v, t } = value;
  if (v !== WIRE_VERSION) {
    const remedy = "install the same version of bms-agent and bms-aggregator, and restart both";
    const version = typeof v === "number" ? `wire version ${v}` : "no wire version";
    throw new WireError("version", `${version}, expected ${WIRE_VERSION}: ${remedy}`);
  }
  if (t !== kind) throw new WireError("kind", `kind ${quote(t)}, expected ${quote(kind)}`);
  return value;
}
