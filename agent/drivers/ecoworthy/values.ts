import { CELL_NAMES, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { type Row, readLayout, TEMPERATURE_RANGE } from "../../codec/layout.ts";
import { cellExtremes, numbered, power } from "../pack-sample.ts";
import type { Generation } from "./record.ts";

/** Counts of the current per ampere. */
const AMPS_PER = { v1: 100, v2: 10 } as const satisfies Record<Generation, number>;
const MAX_CELLS = 32;

/** Data of the pack. The bits of the protection word have no known names. */
export function packRows(generation: Generation) {
  return [
    { name: "percent", at: 2, raw: "u16be" },
    { name: "health", at: 4, raw: "u16be" },
    { name: "volts", at: 6, raw: "u16be", per: 100 },
    { name: "amps", at: 8, raw: "s16be", per: AMPS_PER[generation] },
    { name: "capacity", at: 10, raw: "u32be", per: 100 },
    { name: "protect", at: 37, raw: "u16be" },
  ] as const satisfies readonly Row[];
}

/** Data of the cells. */
export const CELL_ROWS: readonly Row[] = [
  { name: "cells", at: 0, raw: "u16be" },
  ...Array.from({ length: MAX_CELLS }, (_, i) => ({
    name: CELL_NAMES[i] ?? "",
    at: 2 + 2 * i,
    raw: "u16be" as const,
    absent: [0xffff],
  })),
  { name: "sensors", at: 66, raw: "u16be" },
  ...TEMPERATURE_NAMES.map((name, i) => ({
    name,
    at: 68 + 2 * i,
    raw: "s16be" as const,
    per: 10,
    absent: [-1000],
    ...TEMPERATURE_RANGE,
  })),
];

/** @throws {FrameError} `malformed` for an impossible state of charge */
export function decodePack(generation: Generation, data: Uint8Array): Sample {
  const values = readLayout(packRows(generation), data);
  if (values.percent > 100) throw new FrameError("malformed", `the battery reports ${values.percent} % of charge`);
  return { ...values, watts: power(values.volts, values.amps) };
}

/** @throws {FrameError} `malformed` for an impossible number of cells */
export function decodeCells(data: Uint8Array): Sample {
  const values: Readonly<Record<string, number | undefined>> = readLayout(CELL_ROWS, data);
  const { cells = 0, sensors = 0 } = values;
  if (cells > MAX_CELLS) throw new FrameError("malformed", `the battery reports ${cells} cells`);
  const millivolts = CELL_NAMES.slice(0, cells).map((name) => values[name]);
  const known = millivolts.filter((one) => one !== undefined);
  return {
    cells,
    ...numbered(CELL_NAMES, millivolts),
    ...(known.length === cells && cellExtremes(known)),
    ...numbered(
      TEMPERATURE_NAMES,
      TEMPERATURE_NAMES.slice(0, sensors).map((name) => values[name]),
    ),
  };
}
