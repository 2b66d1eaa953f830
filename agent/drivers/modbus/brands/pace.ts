import { type Row, TEMPERATURE_RANGE } from "../../../codec/layout.ts";
import { asciiText, type Brand, type Port, register, registers } from "../brand.ts";

/** The service of a Bluetooth module by STMicroelectronics. */
const SERVICE = "00002760-08c2-11e1-9073-0e8ac72e1001";
const PORT: Port = {
  notify: { service: SERVICE, characteristic: "00002760-08c2-11e1-9073-0e8ac72e0002" },
  write: { service: SERVICE, characteristic: "00002760-08c2-11e1-9073-0e8ac72e0001" },
};

/**
 * Boards by Pace, which several brands use. What differs between the brands is not in the answers, so only a name decides.
 */
const REGISTERS: readonly Row[] = [
  register(0, { name: "amps", raw: "s16be", per: 100 }),
  register(1, { name: "volts", raw: "u16be", per: 100 }),
  register(2, { name: "percent", raw: "u16be" }),
  register(3, { name: "health", raw: "u16be" }),
  register(4, { name: "remain", raw: "u16be", per: 100 }),
  register(5, { name: "full", raw: "u16be", per: 100 }),
  register(6, { name: "capacity", raw: "u16be", per: 100 }),
  register(7, { name: "cycles", raw: "u16be" }),
  register(8, { name: "alarm", raw: "u32be" }),
  register(10, { name: "protect", raw: "u16be" }),
  ...registers("temp", 8, 47, { raw: "s16be", per: 10, ...TEMPERATURE_RANGE }),
  register(46, { name: "sensors", raw: "u16be", bits: [0, 7] }),
  register(57, { name: "mostemp", raw: "s16be", per: 10, absent: [-1], ...TEMPERATURE_RANGE }),
];

/** Gobel Power batteries: one answer holds everything. */
export const GOBEL: Brand = {
  name: "gobel",
  about: "Gobel Power batteries",
  identify: [
    { confidence: "certain", names: ["BMS-????????????????*"], services: [SERVICE] },
    { confidence: "likely", names: ["BMS-????????????????", "BMS-???????????????? *"] },
  ],
  ports: [PORT],
  units: [1],
  registers: [
    ...REGISTERS,
    register(14, { name: "fet", raw: "u16be", bits: [14, 15] }),
    register(15, { name: "cells", raw: "u16be", bits: [0, 7] }),
    ...registers("cell", 30, 16, { raw: "u16be" }),
  ],
  maxCells: 32,
  polled: [{ start: 0, count: 0x3b }],
  information: {
    start: 0xaa,
    count: 0x23,
    describe(data) {
      const [software, model] = [asciiText(data, 0, 20), asciiText(data, 40, 20)];
      return { ...(model !== undefined && { model }), ...(software !== undefined && { software }) };
    },
  },
};

/** Buknuwo batteries report no cells, and their boards answer short requests only. */
export const BUKNUWO: Brand = {
  name: "buknuwo",
  about: "Buknuwo batteries",
  identify: [
    { confidence: "certain", names: ["CDZG*", "MEY-*"], manufacturerDataPrefixes: ["FFFF 4E"] },
    { confidence: "likely", names: ["CDZG*"] },
  ],
  ports: [PORT],
  units: [1],
  registers: [...REGISTERS, register(11, { name: "fet", raw: "u16be", bits: [10, 11] })],
  maxCells: 0,
  polled: [
    { start: 0, count: 0x0d },
    { start: 0x2e, count: 0x0b },
    { start: 0x39, count: 1 },
  ],
};
