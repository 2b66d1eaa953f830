import { BRANDS } from "../../agent/drivers/modbus/brands/brands.ts";
import type { SimulatedFamily } from "../family.ts";
import { modbusBattery } from "./battery.ts";

/** A battery of each brand with Modbus registers; a kind is named as its driver. */
export const modbusFamily = {
  name: "modbus",
  devices: "batteries with Modbus registers",
  kinds: ["renogy", "renogy-pro", "eg4", "vatrer", "lipower", "pylontech", "gobel", "buknuwo"],
  addressPrefix: "C0:DB:05",
  registers: [...new Set(BRANDS.flatMap(({ polled }) => polled.map(({ start }) => start.toString(16))))],
  create: modbusBattery,
} as const satisfies SimulatedFamily;
