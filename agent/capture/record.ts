import { type Address, type AddressType, parseAddress } from "../../common/model/address.ts";
import { normaliseUuid, RADIO_FAULTS, type RadioFault } from "../radio/radio.ts";

/**
 * One line of a capture: an event on a link, as JSON. `at` is in milliseconds since the Unix epoch, UUIDs have 4 or 36
 * characters in lower case.
 *
 *     {"at":…,"op":"connect","address":"A4:C1:37:00:00:01","addressType":"public","services":["ff00"],"advertisement":{
 *      "name":"JBD-SP04S034","services":["ff00"],"manufacturerData":{"49572":"0100000037"}}}
 *     {"at":…,"op":"subscribe","service":"ff00","characteristic":"ff01"}
 *     {"at":…,"op":"write","service":"ff00","characteristic":"ff02","hex":"dda50300fffd77"}
 *     {"at":…,"op":"notify","service":"ff00","characteristic":"ff01","hex":"dd03001b…77"}
 *     {"at":…,"op":"read","service":"180a","characteristic":"2a26","hex":"…"}
 *     {"at":…,"op":"read","service":"180a","characteristic":"2a29","error":"timeout"}
 *     {"at":…,"op":"disconnect"}
 *     {"at":…,"op":"advertise","address":"D1:C7:00:00:00:01","name":"SmartShunt","services":[],"manufacturerData":{
 *      "02e1":"100289a3…"},"rssi":-60}
 *
 * The last one is of an agent that only listens, and needs no link. Its companies are hexadecimal, those of a connect
 * decimal.
 *
 * Captures by version 0.1 have no `service`, no `advertisement` and no failed reads.
 */
export type CaptureRecord = Action | Event | AdvertiseRecord;
/** Done by the agent. */
export type Action = ConnectRecord | SubscribeRecord | BytesRecord<"write"> | BytesRecord<"read"> | FailedReadRecord;
/** Done by the device. */
export type Event = BytesRecord<"notify"> | DisconnectRecord;

export interface ConnectRecord {
  readonly at: number;
  readonly op: "connect";
  readonly address: Address;
  readonly addressType: AddressType;
  readonly services: readonly string[];
  readonly advertisement?: AdvertisementRecord;
}

export interface AdvertisementRecord {
  readonly name: string;
  readonly services: readonly string[];
  /** Payload in hexadecimal digits by company identifier in decimal ones. */
  readonly manufacturerData: Readonly<Record<string, string>>;
}

export interface AdvertiseRecord {
  readonly at: number;
  readonly op: "advertise";
  readonly address: Address;
  readonly name: string;
  readonly services: readonly string[];
  /** Payload by company identifier, both in hexadecimal digits: four for the company. */
  readonly manufacturerData: Readonly<Record<string, string>>;
  /** dBm. */
  readonly rssi?: number;
}

/** The place of a record in the device's services. */
interface At {
  readonly at: number;
  readonly service?: string;
  readonly characteristic: string;
}

export interface SubscribeRecord extends At {
  readonly op: "subscribe";
}

export interface BytesRecord<Op> extends At {
  readonly op: Op;
  readonly hex: string;
}

export interface FailedReadRecord extends At {
  readonly op: "read";
  readonly error: RadioFault;
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
  readonly isOptional?: true;
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

const advertisement: Field = {
  rule: "an object of name, services and manufacturerData",
  isOptional: true,
  read(value) {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const uuids = services.read(given.services);
    const payloads = Object.entries(given.manufacturerData ?? { "": 0 });
    const areSound = payloads.every(([company, digits]) => /^\d{1,5}$/.test(company) && hex.read(digits) === digits);
    if (typeof given.name !== "string" || !uuids || !areSound) return undefined;
    return { name: given.name, services: uuids, manufacturerData: Object.fromEntries(payloads) };
  },
};
const text: Field = {
  rule: "a text",
  read: (value) => (typeof value === "string" ? value : undefined),
};
const manufacturerData: Field = {
  rule: "an object of hexadecimal digits by company, such as 02e1",
  read(value) {
    if (typeof value !== "object" || value === null) return undefined;
    const payloads = Object.entries(value).map(([company, digits]) => [company.toLowerCase(), hex.read(digits)]);
    const areSound = payloads.every(
      ([company, digits]) => /^[0-9a-f]{4}$/.test(String(company)) && digits !== undefined,
    );
    return areSound ? Object.fromEntries(payloads) : undefined;
  },
};
const rssi: Field = {
  rule: "a whole number of dBm",
  isOptional: true,
  read: (value) => (Number.isInteger(value) ? value : undefined),
};
const error: Field = {
  rule: `one of ${RADIO_FAULTS.join(", ")}`,
  read: (value) => RADIO_FAULTS.find((fault) => fault === value),
};

type Fields = Readonly<Record<string, Field>>;
const CHARACTERISTIC: Fields = { at, service: { ...uuid, isOptional: true }, characteristic: uuid };
const OPERATIONS: ReadonlyMap<unknown, Fields> = new Map<unknown, Fields>([
  ["connect", { at, address, addressType, services, advertisement }],
  ["subscribe", CHARACTERISTIC],
  ["write", { ...CHARACTERISTIC, hex }],
  ["notify", { ...CHARACTERISTIC, hex }],
  ["read", { ...CHARACTERISTIC, hex }],
  ["disconnect", { at }],
  ["advertise", { at, address, name: text, services, manufacturerData, rssi }],
]);
const FAILED_READ: Fields = { ...CHARACTERISTIC, error };

/** @throws {CaptureError} */
export function parseRecord(line: string): CaptureRecord {
  const given = parseObject(line);
  const { op } = given;
  const fields = op === "read" && given.error !== undefined ? FAILED_READ : OPERATIONS.get(op);
  if (!fields) throw new CaptureError(`"op" must be one of ${[...OPERATIONS.keys()].join(", ")}`);
  const record: Record<string, unknown> = { op };
  for (const [name, { rule, isOptional, read }] of Object.entries(fields)) {
    if (isOptional && given[name] === undefined) continue;
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
