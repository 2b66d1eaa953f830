import {
  type Field,
  flag,
  integer,
  listOf,
  type Message,
  maybe,
  object,
  text,
} from "../agent/radio/simulated/json-lines.ts";
import type { Memory } from "./battery.ts";

/**
 * Commands to a running simulator, over the same socket as agent/radio/simulated/protocol.ts: one JSON object per line,
 * each answered by `done`, `refused`, `memory` or `status`. `device` is an address or `all`.
 */
export const CONTROL_REQUESTS = {
  set: { device: text, fault: text },
  clear: { device: text, fault: maybe(text) },
  drop: { device: text, reason: integer },
  alarm: { device: text, protection: text, on: flag },
  "cut-power": { device: text },
  memory: { device: text },
  status: {},
} as const;
export type ControlRequest = Message<"op", typeof CONTROL_REQUESTS>;

export interface DeviceStatus {
  readonly address: string;
  readonly name: string;
  readonly isConnected: boolean;
  /** As they were set, newest first. */
  readonly faults: readonly string[];
}

const deviceStatus: Field<DeviceStatus> = (value, key) => {
  const fields = object(value, key);
  return {
    address: text(fields.address, "address"),
    name: text(fields.name, "name"),
    isConnected: flag(fields.isConnected, "isConnected"),
    faults: listOf(text)(fields.faults, "faults"),
  };
};

const contents: Field<Readonly<Record<string, string>>> = (value, key) =>
  Object.fromEntries(Object.entries(object(value, key)).map(([register, data]) => [register, text(data, register)]));

/** A device and its parameters. */
export interface DeviceMemory extends Memory {
  readonly address: string;
}

const deviceMemory: Field<DeviceMemory> = (value, key) => {
  const fields = object(value, key);
  return {
    address: text(fields.address, "address"),
    isInFactoryMode: flag(fields.isInFactoryMode, "isInFactoryMode"),
    working: contents(fields.working, "working"),
    stored: contents(fields.stored, "stored"),
  };
};

export const CONTROL_EVENTS = {
  done: {},
  refused: { reason: text },
  memory: { devices: listOf(deviceMemory) },
  status: { devices: listOf(deviceStatus) },
} as const;
export type ControlEvent = Message<"event", typeof CONTROL_EVENTS>;
