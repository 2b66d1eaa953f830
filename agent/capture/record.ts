import { type Address, type AddressType, parseAddress } from "../../common/model/address.ts";
import { normaliseUuid } from "../radio/radio.ts";

/**
 * One line of a capture: an event on a link, as JSON. `at` is in milliseconds since the Unix epoch, UUIDs have 4 or 36
 * characters in lower case.
 *
 *     {"at":…,"op":"connect","address":"A4:C1:37:00:00:01","addressType":"public","services":["ff00"]}
 *     {"at":…,"op":"subscribe","characteristic":"ff01"}
 *     {"at":…,"op":"write","characteristic":"ff02","hex":"dda50300fffd77"}
 *     {"at":…,"op":"notify","characteristic":"ff01","hex":"dd03001b…77"}
 *     {"at":…,"op":"read","characteristic":"7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c","hex":"…"}
 *     {"at":…,"op":"disconnect"}
 */
export type CaptureRecord = Action | Event;
/** Done by the agent. */
export type Action = ConnectRecord | SubscribeRecord | BytesRecord<"write"> | BytesRecord<"read">;
/** Done by the device. */
export type Event = BytesRecord<"notify"> | DisconnectRecord;

export interface ConnectRecord {
  readonly at: number;
  readonly op: "connect";
  readonly address: Address;
  readonly addressType: AddressType;
  readonly services: readonly string[];
}

export interface SubscribeRecord {
  readonly at: number;
  readonly op: "subscribe";
  readonly characteristic: string;
}

export interface BytesRecord<Op> {
  readonly at: number;
  readonly op: Op;
  readonly characteristic: string;
  readonly hex: string;
}

export interface DisconnectRecord {
  readonly at: number;
  readonly op: "disconnect";
}

/** A text is not a capture; the message names the reason. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

/** Rule for a field, in words, and its reader: undefined where a value breaks the rule. */
interface Field {
  readonly rule: string;
  read(value: unknown): unknown;
}

const UUID = /^(?:[0-9a-f]{4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const uuid: Field = {
  rule: "a UUID of 4 or 36 characters",
  read(value) {
    const text = typeof value === "string" ? normaliseUuid(value) : "";
    return UUID.test(text) ? text : undefined;
  },
};
const at: Field = {
  rule: "milliseconds since 1970",
  read: (value) => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined),
};
const address: Field = {
  rule: "a device address",
  read: (value) => (typeof value === "string" ? parseAddress(value) : undefined),
};
const addressType: Field = {
  rule: '"public" or "random"',
  read: (value) => (value === "public" || value === "random" ? value : undefined),
};
const services: Field = {
  rule: "a list of UUIDs of 4 or 36 characters",
  read(value) {
    if (!Array.isArray(value)) return undefined;
    const uuids = value.map(uuid.read);
    return uuids.includes(undefined) ? undefined : uuids;
  },
};
const hex: Field = {
  rule: "pairs of hexadecimal digits",
  read: (value) => (typeof value === "string" && /^(?:[0-9a-f]{2})*$/i.test(value) ? value.toLowerCase() : undefined),
};

const OPERATIONS: ReadonlyMap<unknown, Readonly<Record<string, Field>>> = new Map([
  ["connect", { at, address, addressType, services }],
  ["subscribe", { at, characteristic: uuid }],
  ["write", { at, characteristic: uuid, hex }],
  ["notify", { at, characteristic: uuid, hex }],
  ["read", { at, characteristic: uuid, hex }],
  ["disconnect", { at }],
]);

/** @throws {CaptureError} */
export function parseRecord(line: string): CaptureRecord {
  const given = parseObject(line);
  const { op } = given;
  const fields = OPERATIONS.get(op);
  if (!fields) throw new CaptureError(`"op" must be one of ${[...OPERATIONS.keys()].join(", ")}`);
  const record: Record<string, unknown> = { op };
  for (const [name, { rule, read }] of Object.entries(fields)) {
    record[name] = read(given[name]);
    if (record[name] === undefined) throw new CaptureError(`"${name}" of ${op} must be ${rule}`);
  }
  return record as unknown as CaptureRecord;
}

/** @throws {CaptureError} */
function parseObject(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new CaptureError("this is not JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null) throw new CaptureError("this is not a JSON object");
  return value as Readonly<Record<string, unknown>>;
}
