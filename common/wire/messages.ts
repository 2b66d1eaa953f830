import { Packr } from "msgpackr/pack";
import { parseAddress } from "../model/address.ts";
import { isMeter } from "../model/meter-name.ts";
import { isQuantity, QUANTITIES, type Quantity } from "../model/quantities.ts";
import type { MutableSample, Reading, Sample } from "../model/reading.ts";
import { openMessage } from "./message-fields.ts";
import type { MsgpackReader } from "./msgpack-reader.ts";
import { WireError } from "./wire-error.ts";

/**
 * Messages between agent and aggregator: one self-describing msgpack map per ZeroMQ frame.
 *
 *     agent      → { v, t: "readings", run, from, after, meter, device, driver, readings: [{ seq, at, sample }, …] }
 *     aggregator → { v, t: "ack", epoch, run, taken, accepted, settled }
 *
 * Unknown keys are ignored, so an old aggregator serves a new agent; another version is refused. A message without
 * readings asks where the aggregator stands with that run.
 */
export const WIRE_VERSION = 1;

/** No message is longer. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Who took readings: the same for all that travel in one message. */
export type Origin = Pick<Reading, "run" | "meter" | "device" | "driver">;

/** Where in its run a delivery belongs. Numbers may be missing in a run: what is lost on the way shows all the same. */
export interface Place {
  /** The lowest number that the sender still holds: those below will never come (again). */
  readonly from: number;
  /** The number that the sender holds before the first of these readings, else `from - 1`. */
  readonly after: number;
}

/** Readings of one run in rising order of their numbers, possibly none. */
export interface Delivery extends Place {
  readonly origin: Origin;
  readonly readings: readonly Reading[];
}

/** Where the aggregator stands with one run. Each number stands for all readings of the run up to it. */
export interface Acknowledgement {
  /** Random; when it changes, what is not settled must be sent again. */
  readonly epoch: string;
  readonly run: string;
  /** Written to every output that is there: makes room for more in flight. */
  readonly taken: number;
  /** Written to every required output. */
  readonly accepted: number;
  /** Nobody needs to send them again. */
  readonly settled: number;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** Latest moment that a Date can hold, ms since the Unix epoch. */
const MAX_TIME = 8.64e15;

const isIdentity = (text: string) => /^[0-9a-f]{16}$/.test(text);
const isDevice = (text: string) => parseAddress(text) === text;
const isDriver = (text: string) => /^[a-z][a-z0-9-]{0,31}$/.test(text);

/** A reading without its origin, as it travels. @throws {WireError} field: a quantity holds no usable number */
export function encodeReading({ seq, takenAt, sample }: Reading): Uint8Array {
  for (const [name, value] of Object.entries(sample)) checkQuantity(name as Quantity, value);
  return packr.pack({ seq, at: takenAt, sample });
}

/** The message that delivers encoded readings of one origin. */
export function encodeDelivery(origin: Origin, place: Place, readings: readonly Uint8Array[]): Uint8Array {
  const { run, meter, device, driver } = origin;
  const { from, after } = place;
  const message = packr.pack({ v: WIRE_VERSION, t: "readings", run, from, after, meter, device, driver, readings: [] });
  if (readings.length === 0) return message;
  // The empty array at the end is one byte; in its place stands the array with what is already encoded.
  const arrayHead = Uint8Array.of(0xdc, readings.length >> 8, readings.length & 0xff);
  return Buffer.concat([message.subarray(0, -1), arrayHead, ...readings]);
}

/** @throws {WireError} */
export function decodeDelivery(bytes: Uint8Array): Delivery {
  return checked(bytes, () => {
    const fields = openMessage(bytes, WIRE_VERSION, "readings");
    const origin: Origin = {
      run: fields.text("run", isIdentity),
      meter: fields.text("meter", isMeter),
      device: fields.text("device", isDevice),
      driver: fields.text("driver", isDriver),
    };
    const from = fields.count("from", 1);
    const after = fields.count("after", from - 1);
    return { origin, from, after, readings: readReadings(fields.enter("readings"), origin, after) };
  });
}

export function encodeAcknowledgement({ epoch, run, taken, accepted, settled }: Acknowledgement): Uint8Array {
  return packr.pack({ v: WIRE_VERSION, t: "ack", epoch, run, taken, accepted, settled });
}

/** @throws {WireError} */
export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement {
  return checked(bytes, () => {
    const fields = openMessage(bytes, WIRE_VERSION, "ack");
    const epoch = fields.text("epoch", isIdentity);
    const run = fields.text("run", isIdentity);
    const taken = fields.count("taken", 0);
    const accepted = fields.count("accepted", 0);
    const settled = fields.count("settled", 0);
    if (accepted > taken || settled > accepted) throw new WireError("field", "settled, accepted, taken do not rise");
    return { epoch, run, taken, accepted, settled };
  });
}

function checked<T>(bytes: Uint8Array, decode: () => T): T {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new WireError("oversize", `${bytes.length} bytes`);
  try {
    return decode();
  } catch (error) {
    if (error instanceof RangeError) throw new WireError("malformed", error.message, { cause: error });
    throw error;
  }
}

function readReadings(reader: MsgpackReader, origin: Origin, after: number): Reading[] {
  const count = reader.array();
  if (count === undefined) throw new WireError("field", "readings is no array");
  const readings: Reading[] = [];
  let previous = after;
  for (let i = 0; i < count; i += 1) {
    const reading = readReading(reader, origin);
    if (reading.seq <= previous) throw new WireError("field", `seq ${reading.seq} after ${previous}`);
    previous = reading.seq;
    readings.push(reading);
  }
  return readings;
}

function readReading(reader: MsgpackReader, origin: Origin): Reading {
  const pairs = reader.map();
  if (pairs === undefined) throw new WireError("field", "a reading is no map");
  let seq: number | undefined;
  let takenAt: number | undefined;
  let sample: Sample | undefined;
  for (let i = 0; i < pairs; i += 1) {
    const name = reader.string();
    if (name === "seq") seq = reader.number();
    else if (name === "at") takenAt = reader.number();
    else if (name === "sample") sample = readSample(reader);
    else reader.passOver();
  }
  if (seq === undefined || !Number.isSafeInteger(seq)) throw new WireError("field", `seq is ${seq ?? "no number"}`);
  if (takenAt === undefined || !Number.isSafeInteger(takenAt) || takenAt < 0 || takenAt > MAX_TIME) {
    throw new WireError("field", `at is ${takenAt ?? "no number"}`);
  }
  if (sample === undefined) throw new WireError("field", "sample is missing");
  return { ...origin, takenAt, seq, sample };
}

function readSample(reader: MsgpackReader): Sample {
  const pairs = reader.map();
  if (pairs === undefined) throw new WireError("field", "sample is no map");
  const sample: MutableSample = {};
  for (let i = 0; i < pairs; i += 1) {
    const name = reader.string() ?? "";
    if (isQuantity(name)) sample[name] = checkQuantity(name, reader.number());
    else reader.passOver();
  }
  return sample;
}

function checkQuantity(name: Quantity, value: number | undefined): number {
  const usable =
    value !== undefined &&
    (QUANTITIES[name].kind === "int" ? Number.isSafeInteger(value) : Math.abs(value) <= Number.MAX_SAFE_INTEGER);
  if (!usable) throw new WireError("field", `${name} is ${value ?? "no number"}`);
  return value;
}
