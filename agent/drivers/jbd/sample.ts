import { BALANCE_NAMES, CELL_NAMES, type Quantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { cellExtremes, flags, numbered, power } from "../pack-sample.ts";
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
    ...(amps !== undefined && { amps, watts: power(head.volts, amps) }),
    ...(head.percent !== undefined && { percent: head.percent }),
    ...(daren?.health !== undefined && { health: daren.health }),
    ...(remain !== undefined && { remain }),
    ...(capacity !== undefined && { capacity }),
    ...(tail && { full: tail.full }),
    cycles: head.cycles,
    cells: head.cells,
    ...cellsSample(cells),
    ...flags(BALANCE_NAMES.slice(0, head.cells), head.balanceLow + head.balanceHigh * 2 ** 16),
    ...numbered(TEMPERATURE_NAMES, temperatures),
    protect: head.protect,
    fet: head.fet,
    ...(tail && { alarm: tail.alarm }),
    ...flags(PROTECTIONS, head.protect),
    ...(tail && flags(ALARMS, tail.alarm)),
  };
}

/** The quantities of the cells (mV). */
export function cellsSample(cells: readonly number[]): Sample {
  return { ...numbered(CELL_NAMES, cells), ...cellExtremes(cells) };
}
