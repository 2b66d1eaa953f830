import { VICTRON } from "../../agent/drivers/victron/advertisement.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Battery } from "../battery.ts";
import type { DeviceIdentity } from "../family.ts";
import { encodePayload, encodeRecord, keyOf } from "./broadcast.ts";
import { smartLithium, smartShunt, solarCharger, type VictronState } from "./state.ts";

interface Product {
  readonly name: string;
  readonly model: number;
  /** Type of its record. */
  readonly record: number;
  state(seed: string): VictronState;
}

export const PRODUCTS = {
  smartshunt: { name: "SmartShunt", model: 0xa389, record: 0x02, state: smartShunt },
  smartlithium: { name: "SmartLithium", model: 0xa0e5, record: 0x05, state: smartLithium },
  mppt: { name: "SmartSolar", model: 0xa042, record: 0x01, state: solarCharger },
} as const satisfies Readonly<Record<string, Product>>;
export type ProductKind = keyof typeof PRODUCTS;

/** Between two records. */
const RECORD_MS = 1_000;
const DEFAULT_MTU = 23;
/** Bits of the alarm word by quantity. */
const ALARM_BITS: Readonly<Record<string, number>> = { abuv: 0, abov: 1, alow: 2 };

/** A Victron device with Instant Readout: it is never connected to, and has a new record once a second. */
export function victronBattery(
  { address, seed, ageMs, kind }: Omit<DeviceIdentity, "kind"> & { readonly kind: ProductKind },
  clock: Clock,
): Battery {
  const { name, model, record, state: stateOf } = PRODUCTS[kind];
  const state = stateOf(seed);
  const key = keyOf(address);
  const startedAt = clock.monotonic() - ageMs;
  const number = Number.parseInt(address.slice(-2), 16);
  let alarm = 0;
  return {
    address,
    addressType: "random",
    name: `${name} HQ${address.replaceAll(":", "").slice(-6)}`,
    manufacturerData: new Map(),
    rssi: -55 - (number % 25),
    services: [],
    advertisedServices: [],
    mtu: DEFAULT_MTU,
    registerOf: () => "",
    answer: () => undefined,
    broadcast() {
      const seconds = Math.floor((clock.monotonic() - startedAt) / RECORD_MS);
      const { fields, sample } = state.recordAt(seconds * RECORD_MS, alarm);
      const header = { model, record, number: seconds & 0xffff };
      const payload = encodePayload(header, encodeRecord(record, fields), key);
      return { manufacturerData: new Map([[VICTRON, payload]]), register: kind, sample };
    },
    setProtection(name, on) {
      const bit = kind === "smartshunt" ? ALARM_BITS[name] : undefined;
      if (bit === undefined) {
        throw new RangeError(
          `no protection ${name}: a SmartShunt has the alarms ${Object.keys(ALARM_BITS).join(", ")}`,
        );
      }
      alarm = on ? alarm | (1 << bit) : alarm & ~(1 << bit);
    },
    flowAt: (monotonicMs) => state.flowAt(monotonicMs - startedAt),
  };
}
