import type { SimulatedFamily } from "../family.ts";
import { ecoworthyBattery, MODELS } from "./battery.ts";

/** Batteries with the module "BW02" of each generation, and one that waits for a start. */
export const ecoworthyFamily = {
  name: "ecoworthy",
  devices: "ECO-WORTHY and DCHOUSE batteries",
  kinds: ["ecoworthy-v1", "ecoworthy-v2", "dchouse"],
  addressPrefix: "E2:E0:5A",
  registers: ["start", "a1", "a2"],
  create: (identity, clock) => ecoworthyBattery(identity, MODELS[identity.kind as keyof typeof MODELS], clock),
} as const satisfies SimulatedFamily;
