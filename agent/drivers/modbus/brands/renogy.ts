import { TEMPERATURE_RANGE } from "../../../codec/layout.ts";
import { asciiText, type Brand, type Port, type RowValues, register, registers } from "../brand.ts";

const PORT: Port = {
  notify: { service: "fff0", characteristic: "fff1" },
  write: { service: "ffd0", characteristic: "ffd1" },
};
/** Bits of two registers with two bits for each of 16 cells. */
const LOW_CELLS = 0x5555_5555;
const HIGH_CELLS = 0xaaaa_aaaa;

const REGISTERS = [
  register(0x1388, { name: "cells", raw: "u16be" }),
  // Whole tenths of volts.
  ...registers("cell", 16, 0x1389, { raw: "u16be", per: 0.01 }),
  register(0x1399, { name: "sensors", raw: "u16be" }),
  ...registers("temp", 8, 0x139a, { raw: "s16be", per: 10, ...TEMPERATURE_RANGE }),
  register(0x13b3, { name: "volts", raw: "u16be", per: 10 }),
  register(0x13b4, { name: "remain", raw: "u32be", per: 1000 }),
  register(0x13b6, { name: "full", raw: "u32be", per: 1000 }),
  register(0x13b8, { name: "cycles", raw: "u16be" }),
  register(0x13ec, { name: "alarm", raw: "u32be" }),
  register(0x13f0, { name: "alarm2", raw: "u32be" }),
  register(0x13f2, { name: "fet", raw: "u16be", bits: [1, 2] }),
  register(0x13f3, { name: "heating", raw: "u16be", bits: [13, 13] }),
];

/** The app computes the state of charge in the same way. */
function derive({ remain, full, alarm }: RowValues): RowValues {
  return {
    ...(remain !== undefined && full && { percent: Math.round((1000 * remain) / full) / 10 }),
    ...(alarm !== undefined && { auvp: (alarm & LOW_CELLS) === 0 ? 0 : 1, aovp: (alarm & HIGH_CELLS) === 0 ? 0 : 1 }),
  };
}

const COMMON = {
  ports: [PORT],
  maxCells: 16,
  polled: [
    { start: 0x13b2, count: 7 },
    { start: 0x1388, count: 0x22 },
    { start: 0x13ec, count: 8 },
  ],
  derive,
  extremes: "coarse",
  information: {
    start: 0x13f0,
    count: 0x1c,
    describe(data) {
      const [model, software] = [asciiText(data, 36, 16), asciiText(data, 52, 4)];
      return { ...(model !== undefined && { model }), ...(software !== undefined && { software }) };
    },
  },
} as const satisfies Partial<Brand>;

/**
 * Batteries with Bluetooth of the first generation, or with the plugged module BT-2. The series below gives the same answers
 * with another unit of the current, so only a name decides.
 */
export const RENOGY: Brand = {
  ...COMMON,
  name: "renogy",
  about: "Renogy batteries named BT-TH-…",
  // The same modules are on chargers, shunts and inverters, so the name is never certain.
  identify: [{ confidence: "likely", names: ["BT-TH-*"], services: ["ffd0"] }],
  units: [0x30],
  registers: [register(0x13b2, { name: "amps", raw: "s16be", per: 100 }), ...REGISTERS],
  fetMayBeMissing: true,
  refusal:
    "Renogy's chargers, shunts and inverters have the same Bluetooth modules and other registers: is it a battery?",
};

/** The Pro and Core series report a tenth of the resolution of the current. */
export const RENOGY_PRO: Brand = {
  ...COMMON,
  name: "renogy-pro",
  about: "Renogy Pro and Core batteries",
  identify: [
    { confidence: "certain", names: ["RNGRBP*", "RNGC*"], companies: [0xe14c] },
    { confidence: "likely", names: ["RNGRBP*", "RNGC*"] },
  ],
  units: [0x30, 0xff],
  registers: [register(0x13b2, { name: "amps", raw: "s16be", per: 10 }), ...REGISTERS],
};
