import {
  address,
  type Field,
  flag,
  hex,
  integer,
  listOf,
  type Message,
  maybe,
  object,
  oneOf,
  text,
} from "./json-lines.ts";

/**
 * The protocol between a simulated radio and the simulator: one JSON object a line over a unix socket. Each connection
 * to the socket is one central. Addresses and UUIDs are in this project's spelling.
 *
 * A `scan` with a `device` receives that one alone. `scan` and `cancel` are not answered. `connect` is answered when the device advertises, and stays open until then. The
 * other requests are answered by the event of their name or by `failed`, a `write` only if it is `acknowledged`.
 */
export const SIMULATOR_REQUESTS = {
  scan: { on: flag, device: maybe(address) },
  connect: { address },
  cancel: { address },
  disconnect: { address },
  discover: { address },
  read: { address, characteristic: text },
  write: { address, characteristic: text, hex, acknowledged: flag },
  subscribe: { address, characteristic: text, on: flag },
} as const;
export type SimulatorRequest = Message<"op", typeof SIMULATOR_REQUESTS>;

const service: Field<SimulatedService> = (value, key) => {
  const fields = object(value, key);
  return {
    uuid: text(fields.uuid, "uuid"),
    characteristics: listOf(characteristic)(fields.characteristics, "characteristics"),
  };
};

const characteristic: Field<SimulatedCharacteristic> = (value, key) => {
  const fields = object(value, key);
  return { uuid: text(fields.uuid, "uuid"), properties: listOf(text)(fields.properties, "properties") };
};

const companyPayload: Field<CompanyPayload> = (value, key) => {
  const fields = object(value, key);
  return { company: integer(fields.company, "company"), hex: hex(fields.hex, "hex") };
};

const FAILING = ["connect", "discover", "read", "write", "subscribe"] as const;

/** `reason` is HCI's; `code` is ATT's, and HCI's when a connection failed. */
export const SIMULATOR_EVENTS = {
  advertised: {
    address,
    addressType: oneOf("public", "random"),
    name: text,
    rssi: integer,
    services: listOf(text),
    manufacturer: listOf(companyPayload),
  },
  connected: { address, mtu: integer },
  disconnected: { address, reason: integer },
  discovered: { address, services: listOf(service) },
  read: { address, characteristic: text, hex },
  written: { address, characteristic: text },
  subscribed: { address, characteristic: text, on: flag },
  notified: { address, characteristic: text, hex },
  failed: { op: oneOf(...FAILING), address, characteristic: text, code: integer },
} as const;
export type SimulatorEvent = Message<"event", typeof SIMULATOR_EVENTS>;

export interface SimulatedService {
  readonly uuid: string;
  readonly characteristics: readonly SimulatedCharacteristic[];
}

export interface SimulatedCharacteristic {
  readonly uuid: string;
  readonly properties: readonly string[];
}

export interface CompanyPayload {
  readonly company: number;
  readonly hex: string;
}

/** Longest line in bytes: the discovery of a device with many characteristics takes some hundreds. */
export const MAX_LINE_BYTES = 64 * 1024;
