import type { SimulatedFamily } from "../family.ts";
import { BOARDS, jkBattery } from "./battery.ts";

/** JK boards of each layout. */
export const jkFamily = {
  name: "jk",
  devices: "JK boards",
  kinds: ["jk8", "jk16", "jk24", "jk04"],
  addressPrefix: "20:21:11",
  registers: ["information", "settings", "cells"],
  create: (identity, clock) => jkBattery(identity, BOARDS[identity.kind as keyof typeof BOARDS], clock),
} as const satisfies SimulatedFamily;
