import type { SimulatedFamily } from "../family.ts";
import { thornwaveBattery } from "./battery.ts";

/** Thornwave monitors of both formats. */
export const thornwaveFamily = {
  name: "thornwave",
  devices: "Thornwave monitors",
  kinds: ["v1", "v2"],
  addressPrefix: "C0:00:00",
  registers: ["v1", "v2"],
  create: ({ kind, ...identity }, clock) =>
    thornwaveBattery({ ...identity, format: kind === "v1" ? "v1" : "v2" }, clock),
} as const satisfies SimulatedFamily;
