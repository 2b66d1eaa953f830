import type { SimulatedFamily } from "../family.ts";
import { PRODUCTS, type ProductKind, victronBattery } from "./battery.ts";
import { keyOf } from "./broadcast.ts";
import { VICTRON_FAULTS } from "./faults.ts";

const KINDS = Object.keys(PRODUCTS) as readonly ProductKind[];

/** Victron devices that advertise their values. */
export const victronFamily = {
  name: "victron",
  devices: "Victron devices",
  kinds: ["smartshunt", "smartlithium", "mppt"],
  addressPrefix: "D1:C7:00",
  registers: ["smartshunt", "smartlithium", "mppt"],
  create: ({ kind, ...identity }, clock) =>
    victronBattery({ ...identity, kind: KINDS.find((known) => known === kind) ?? "smartshunt" }, clock),
  faults: VICTRON_FAULTS,
  /** The key is made of the address, so that it need not be remembered. */
  agentOptions: (address) => ["--pin", keyOf(address)],
} as const satisfies SimulatedFamily;
