import { BALANCE_NAMES, CELL_NAMES, type Quantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../../common/model/reading.ts";
import type { Pack } from "./basic-information.ts";

/** Bits of the protection word from the lowest (vendor protocols V4, V11; how sure: docs/devices/jbd.md). */
export const PROTECTIONS = [
  "ovp",
  "uvp",
  "bov",
  "buv",
  "cot",
  "cut",
  "dot",
  "dut",
  "coc",
  "duc",
  "sc",
  "ic",
  "cnf",
  "cmf",
  "dmf",
] as const satisfies readonly Quantity[];

/** Bits of the alarm word from the lowest (vendor protocol V11). */
const ALARMS = [
  "aovp",
  "auvp",
  "abov",
  "abuv",
  "acot",
  "acut",
  "adot",
  "adut",
  "acoc",
  "aduc",
  "adelta",
  "alow",
] as const satisfies readonly Quantity[];

/** The quantities of a pack and its cells (mV; none where the pack does not report them). */
export function packSample(pack: Pack, cells: readonly number[]): Sample {
  const { head, tail, daren, darenWide } = pack;
  const { amps, remain, capacity } = darenWide ?? pack.flow ?? {};
  const temperatures = daren ? [...pack.temperatures, daren.mosfet, daren.ambient] : pack.temperatures;
  return {
    volts: head.volts,
    ...(amps !== undefined && { amps, watts: productOfHundredths(head.volts, amps) }),
    ...(head.percent !== undefined && { percent: head.percent }),
    ...(daren?.health !== undefined && { health: daren.health }),
    ...(remain !== undefined && { remain }),
    ...(capacity !== undefined && { capacity }),
    ...(tail && { full: tail.full }),
    cycles: head.cycles,
    cells: head.cells,
    ...named(CELL_NAMES, cells),
    ...extremes(cells),
    ...named(BALANCE_NAMES.slice(0, head.cells), [...bits(head.balanceLow, 16), ...bits(head.balanceHigh, 16)]),
    ...named(TEMPERATURE_NAMES, temperatures),
    protect: head.protect,
    fet: head.fet,
    ...(tail && { alarm: tail.alarm }),
    ...named(PROTECTIONS, bits(head.protect, PROTECTIONS.length)),
    ...(tail && named(ALARMS, bits(tail.alarm, ALARMS.length))),
  };
}

/** Values under names, in order, up to the end of the shorter list. An absent value keeps its place. */
function named(names: readonly Quantity[], values: readonly (number | undefined)[]): Sample {
  const sample: MutableSample = {};
  for (const [i, name] of names.entries()) {
    const value = values[i];
    if (value !== undefined) sample[name] = value;
  }
  return sample;
}

/** `count` bits of a word from the lowest. */
function bits(word: number, count: number): number[] {
  return Array.from({ length: count }, (_, bit) => (word >> bit) & 1);
}

/** An input that reads 0 counts like any other, so that a broken sense wire shows. Of equal cells the first is named. */
function extremes(cells: readonly number[]): Sample {
  if (cells.length === 0) return {};
  const cellmin = Math.min(...cells);
  const cellmax = Math.max(...cells);
  return {
    cellmin,
    cellmax,
    delta: cellmax - cellmin,
    mincell: cells.indexOf(cellmin) + 1,
    maxcell: cells.indexOf(cellmax) + 1,
  };
}

/** Both factors are whole hundredths, so integers give the nearest double of the product: 13.34 × -0.53 is -7.0702. */
function productOfHundredths(a: number, b: number): number {
  const product = (Math.round(a * 100) * Math.round(b * 100)) / 10_000;
  return product === 0 ? 0 : product;
}
