import { parseAddress } from "../model/address.ts";
import { isMeter } from "../model/meter-name.ts";
import { quoted } from "../model/printable.ts";
import { isPossibleValue, QUANTITIES, QUANTITY_NAMES } from "../model/quantities.ts";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT, type Reading, type Sample } from "../model/reading.ts";
import { isSite } from "../model/site.ts";
import { decodeMsgpack, isMap } from "./msgpack.ts";
import { WireError } from "./wire-error.ts";

/** Checks of the fields that messages have in common. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longest message, in bytes. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Identity of a run and its device: the same for all readings of one run. */
export type Origin = Pick<Reading, "run" | "site" | "meter" | "device" | "driver">;

const KINDS: ReadonlyMap<string, "float" | "int"> = new Map(
  QUANTITY_NAMES.map((name) => [name, QUANTITIES[name].kind]),
);

/** @throws {WireError} oversize, malformed */
export function decodeMap(bytes: Uint8Array): Fields {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new WireError("oversize", `${bytes.length} bytes`);
  const value = decodeValue(bytes);
  if (!isMap(value)) throw new WireError("malformed", "not a map");
  return value;
}

function decodeValue(bytes: Uint8Array): unknown {
  try {
    return decodeMsgpack(bytes);
  } catch (cause) {
    // Also a RangeError of the stack: the bytes alone decide what the decoder does.
    throw new WireError("malformed", quote((cause as Error).message), { cause });
  }
}

/** @throws {WireError} field */
export function checkOrigin(fields: Fields): Origin {
  return {
    run: textOf(fields, "run", isIdentity),
    ...(fields.site !== undefined && { site: textOf(fields, "site", isSite) }),
    meter: textOf(fields, "meter", isMeter),
    device: textOf(fields, "device", isDevice),
    driver: textOf(fields, "driver", isDriver),
  };
}

export function isSameOrigin(a: Origin, b: Origin): boolean {
  return a.run === b.run && a.site === b.site && a.meter === b.meter && a.device === b.device && a.driver === b.driver;
}

/** @throws {WireError} field */
export function checkReading(value: unknown, origin: Origin): Reading {
  if (!isMap(value)) throw new WireError("field", "a reading is not a map");
  const takenAt = countOf(value, "at", EARLIEST_TAKEN_AT);
  if (takenAt >= LATEST_TAKEN_AT) throw new WireError("field", `at is ${takenAt}`);
  return { ...origin, takenAt, seq: countOf(value, "seq", 1), sample: checkSample(value.sample) };
}

/**
 * A sample of known quantities with possible values. Unknown quantities are left out, and impossible numbers: one of them
 * does not cost the other values.
 *
 * @throws {WireError} field, where a value is not a number: the message is not what it seems
 */
export function checkSample(value: unknown): Sample {
  if (!isMap(value)) throw new WireError("field", "sample is not a map");
  const usable = Object.entries(value).filter(([name, each]) => {
    const kind = KINDS.get(name);
    return kind !== undefined && isPossible(kind, each, name);
  });
  return usable.length === Object.keys(value).length ? value : Object.fromEntries(usable);
}

/** False for a number that its quantity cannot have. @throws {WireError} field, where it is not a number */
export function isPossible(kind: "float" | "int", value: unknown, name: string): boolean {
  if (typeof value !== "number" && typeof value !== "bigint") throw new WireError("field", `${name} is not a number`);
  return isPossibleValue(kind, value);
}

export function textOf(fields: Fields, name: string, isValid: (text: string) => boolean): string {
  const text = fields[name];
  if (typeof text !== "string" || !isValid(text)) throw new WireError("field", `${name} is ${quote(text)}`);
  return text;
}

/** A whole number, `least` or more. */
export function countOf(fields: Fields, name: string, least: number): number {
  const count = fields[name];
  if (!isCount(count, least)) throw new WireError("field", `${name} is ${describe(count)}`);
  return count;
}

export function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

export const isIdentity = (text: string) => /^[0-9a-f]{16}$/.test(text);
const isDevice = (text: string) => parseAddress(text) === text;
const isDriver = (text: string) => /^[a-z][a-z0-9-]{0,31}$/.test(text);

/** A foreign text, safe to log and short. */
export function quote(value: unknown): string {
  return typeof value === "string" ? quoted(value) : "not a text";
}

export function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : "not a number";
}
