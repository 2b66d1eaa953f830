import type { SimulatedFamily } from "../family.ts";
import { litimeBattery } from "./battery.ts";
import { LITIME_FAULTS } from "./faults.ts";

/** LiTime packs of 4, 8 and 16 cells. */
export const litimeFamily = {
  name: "litime",
  devices: "LiTime packs",
  kinds: ["litime4", "litime8", "litime16"],
  addressPrefix: "C8:47:80",
  registers: ["13", "16"],
  faults: LITIME_FAULTS,
  create: ({ kind, ...identity }, clock) =>
    litimeBattery({ ...identity, cells: Number(kind.slice("litime".length)) }, clock),
} as const satisfies SimulatedFamily;
