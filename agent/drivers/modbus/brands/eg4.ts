import { TEMPERATURE_RANGE } from "../../../codec/layout.ts";
import { type Brand, type RowValues, register, registers } from "../brand.ts";

/** Milliampere-seconds. */
const PER_AH = 3_600_000;
const CELLS = 16;
const FIRST_TEMPERATURE = 2 * 33;
const BALANCING = 2 * 38;

/**
 * Firmware that fills in the full capacity counts hundredths of amperes, the other tenths: three wired packs of 100 A
 * would carry up to 282 A otherwise. To be confirmed on hardware.
 */
function derive({ full, hundredths, tenths }: RowValues): RowValues {
  return { amps: full === undefined ? tenths : hundredths };
}

/** EG4 LL and Sungold batteries. */
export const EG4: Brand = {
  name: "eg4",
  about: "EG4 LL and Sungold batteries",
  identify: [
    { confidence: "certain", services: ["1000"], manufacturerDataPrefixes: ["6F80 B0"] },
    { confidence: "likely", addressInManufacturerData: true, manufacturerDataPrefixes: ["45CC A5"] },
    { confidence: "possible", services: ["1000", "1006"] },
  ],
  ports: [
    { notify: { service: "1000", characteristic: "1002" }, write: { service: "1000", characteristic: "1001" } },
    { notify: { service: "1006", characteristic: "1008" }, write: { service: "1006", characteristic: "1007" } },
  ],
  units: [1],
  registers: [
    register(0, { name: "volts", raw: "u16be", per: 100 }),
    register(1, { name: "tenths", raw: "s16be", per: 10 }),
    register(1, { name: "hundredths", raw: "s16be", per: 100 }),
    ...registers("cell", CELLS, 2, { raw: "u16be" }),
    register(18, { name: "boardtemp", raw: "s16be", ...TEMPERATURE_RANGE }),
    register(21, { name: "remain", raw: "u16be", absent: [0] }),
    register(23, { name: "health", raw: "u16be" }),
    register(24, { name: "percent", raw: "u16be" }),
    register(25, { name: "state", raw: "u16be" }),
    register(26, { name: "alarm", raw: "u16be" }),
    register(27, { name: "protect", raw: "u16be" }),
    register(28, { name: "errorcode", raw: "u16be" }),
    register(29, { name: "cycles", raw: "u32be" }),
    register(31, { name: "full", raw: "u32be", per: PER_AH, absent: [0] }),
    // 0 is no sensor; -56 was seen in the place of a missing one, and is published as reported.
    ...Array.from({ length: 6 }, (_, i) => ({
      name: `temp${i + 1}`,
      at: FIRST_TEMPERATURE + i,
      raw: "s8" as const,
      absent: [0],
    })),
    register(36, { name: "cells", raw: "u16be" }),
    ...Array.from({ length: CELLS }, (_, bit) => ({
      name: `c${String(bit + 1).padStart(2, "0")}`,
      at: BALANCING,
      raw: "u16be" as const,
      bits: [bit, bit] as const,
    })),
  ],
  maxCells: CELLS,
  polled: [{ start: 0, count: 0x27 }],
  derive,
};
