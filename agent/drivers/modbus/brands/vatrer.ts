import { TEMPERATURE_RANGE } from "../../../codec/layout.ts";
import { type Brand, type RowValues, register, registers } from "../brand.ts";

const SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
/** Places for the temperatures of the cells, a further one, and that of the MOSFETs. */
const PLACES = 6;

/** The temperature of the MOSFETs follows those of the sensors and a further one. */
function derive({ sensors, balance, ...values }: RowValues): RowValues {
  return {
    ...(sensors !== undefined && { mostemp: values[`temp${sensors + 2}`] }),
    ...(balance !== undefined && { balancing: balance === 0 ? 0 : 1 }),
  };
}

/** Vatrer batteries of 51.2 V. */
export const VATRER: Brand = {
  name: "vatrer",
  about: "Vatrer batteries of 51.2 V",
  identify: [
    // Date of production, 51.2 V, ampere-hours, number. The service is that of countless other devices.
    { confidence: "certain", services: [SERVICE], names: ["2?????512??00??", "3?????512??00??"] },
    { confidence: "possible", services: [SERVICE] },
  ],
  ports: [
    {
      notify: { service: SERVICE, characteristic: "6e400003-b5a3-f393-e0a9-e50e24dcca9e" },
      write: { service: SERVICE, characteristic: "6e400002-b5a3-f393-e0a9-e50e24dcca9e" },
    },
  ],
  units: [2],
  registers: [
    register(0, { name: "volts", raw: "u16be", per: 100 }),
    register(1, { name: "amps", raw: "s32be", per: 100 }),
    register(3, { name: "percent", raw: "u16be" }),
    register(4, { name: "remain", raw: "u16be", per: 100 }),
    register(5, { name: "full", raw: "u16be", per: 100 }),
    register(6, { name: "cycles", raw: "u16be" }),
    register(7, { name: "health", raw: "u16be" }),
    register(11, { name: "cellmax", raw: "u16be" }),
    register(12, { name: "cellmin", raw: "u16be" }),
    register(13, { name: "delta", raw: "u16be" }),
    register(0x15, { name: "cells", raw: "u16be" }),
    ...registers("cell", 30, 0x16, { raw: "u16be" }),
    register(0x34, { name: "sensors", raw: "u16be" }),
    ...registers("temp", PLACES, 0x35, { raw: "s16be", ...TEMPERATURE_RANGE }),
    // Any of these bits is a problem; their names are not known.
    register(0x3b, { name: "alarm", raw: "u32be" }),
    register(0x3d, { name: "alarm2", raw: "u32be" }),
    register(0x3f, { name: "protect", raw: "u32be" }),
    register(0x41, { name: "protect2", raw: "u32be", bits: [8, 31] }),
    register(0x42, { name: "fet", raw: "u16be", bits: [4, 5] }),
    register(0x44, { name: "balance", raw: "u32be" }),
  ],
  maxCells: 31,
  polled: [
    { start: 0, count: 0x14 },
    { start: 0x15, count: 0x1f },
    { start: 0x34, count: 0x12 },
  ],
  derive,
  extremes: "reported",
};
