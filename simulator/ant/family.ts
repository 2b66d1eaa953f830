import type { SimulatedFamily } from "../family.ts";
import { antBattery } from "./battery.ts";

/** ANT boards of both protocols. */
export const antFamily = {
  name: "ant",
  devices: "ANT boards",
  kinds: ["ant16", "ant14"],
  addressPrefix: "22:DD:65",
  registers: ["status", "info", "legacy"],
  create: antBattery,
} as const satisfies SimulatedFamily;
