import type { SimulatedFamily } from "../family.ts";
import { DALY_KINDS, dalyBattery } from "./battery.ts";
import { DALY_FAULTS } from "./faults.ts";

type DalyKind = keyof typeof DALY_KINDS;

/** Daly packs: with each protocol, on either service. */
export const dalyFamily = {
  name: "daly",
  devices: "Daly packs",
  kinds: Object.keys(DALY_KINDS) as DalyKind[],
  addressPrefix: "40:17:10",
  registers: ["00", "3e", "80", "a9", "cc", "41", "178", "90", "91", "93", "94", "95", "96", "97", "98"],
  faults: DALY_FAULTS,
  create: dalyBattery,
} as const satisfies SimulatedFamily;
