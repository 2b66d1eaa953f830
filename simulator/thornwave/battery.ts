import { encodeThornwaveV1, encodeThornwaveV2 } from "../../agent/drivers/thornwave/value.ts";
import type { Address } from "../../common/model/address.ts";
import { isQuantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Battery } from "../battery.ts";
import type { GattService } from "../peripheral.ts";
import { simulateThornwaveV1, simulateThornwaveV2, thornwaveFlow } from "./state.ts";

export type ThornwaveFormat = "v1" | "v2";

const VALUE = {
  v1: "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c",
  v2: "ec7c0001-2c7b-1539-172f-29d041beab3e",
} as const;
const SERVICE = {
  v1: "7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c",
  v2: "ec7c0000-2c7b-1539-172f-29d041beab3e",
} as const;

const THORNWAVE_LABS = 0x04c9;
/** Three ATT round trips: the value takes a read and two Read Blobs at the default MTU. */
const LATENCY_MS = 90;
const DEFAULT_MTU = 23;
/** Fields that are encoded as 32-bit floats: a reader decodes the float, not the number it was made from. */
const FLOATS = ["volts", "volts2", "amps", "watts", "temp", "peak"];

export interface ThornwaveIdentity {
  readonly address: Address;
  readonly format: ThornwaveFormat;
  readonly seed: string;
  /** Age of the simulated monitor when it is created, ms. */
  readonly ageMs: number;
  /** One latency for every answer instead of the usual one, ms. */
  readonly latencyMs: number | undefined;
}

/** A Thornwave PowerMon of either format. */
export function thornwaveBattery(identity: ThornwaveIdentity, clock: Clock): Battery {
  const { address, format, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const startedAt = clock.monotonic() - ageMs;
  const valueAt = format === "v1" ? v1(seed) : v2(seed);
  const flowAt = thornwaveFlow(format, seed);
  const services: readonly GattService[] = [
    { uuid: SERVICE[format], characteristics: [{ uuid: VALUE[format], properties: ["read"] }] },
  ];
  const number = Number.parseInt(address.slice(-2), 16);
  return {
    address,
    addressType: "random",
    name: `PM ${address.replaceAll(":", "").slice(-4)}`,
    manufacturerData: new Map([[THORNWAVE_LABS, new Uint8Array()]]),
    rssi: -60 - (number % 25),
    services,
    advertisedServices: [SERVICE[format]],
    mtu: DEFAULT_MTU,
    registerOf: ({ kind }) => (kind === "read" ? format : ""),
    answer({ kind, characteristic }) {
      if (kind !== "read") return undefined;
      const { bytes, values } = valueAt(clock.monotonic() - startedAt);
      return { characteristic, bytes, sample: sampleOf(values), latencyMs };
    },
    setProtection(name) {
      throw new RangeError(`no protection ${name}: a Thornwave monitor has none`);
    },
    flowAt: (monotonicMs) => flowAt(monotonicMs - startedAt),
  };
}

/** A value of the characteristic: its bytes, and what they encode. */
interface Value {
  readonly bytes: Uint8Array;
  readonly values: Readonly<Record<string, number | undefined>>;
}

function v1(seed: string): (ms: number) => Value {
  const valuesAt = simulateThornwaveV1(seed);
  return (ms) => {
    const values = valuesAt(ms);
    return { bytes: encodeThornwaveV1(values), values };
  };
}

function v2(seed: string): (ms: number) => Value {
  const valuesAt = simulateThornwaveV2(seed);
  return (ms) => {
    const values = valuesAt(ms);
    return { bytes: encodeThornwaveV2(values), values };
  };
}

function sampleOf(values: Value["values"]): Sample {
  const quantities = Object.entries(values).filter(([name, value]) => isQuantity(name) && value !== undefined);
  return Object.fromEntries(
    quantities.map(([name, value]) => [name, FLOATS.includes(name) ? Math.fround(value ?? 0) : value]),
  );
}
