import { CELL_NAMES, type Quantity } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { readLayout } from "../../codec/layout.ts";
import { cellExtremes, numbered, power } from "../pack-sample.ts";
import { CELL_LAYOUTS, type CellLayout, type CellValues, VOLTAGES } from "./cell-record.ts";

/** Bits of the protection word that a quantity means the same as. For the others see docs/devices/jk.md. */
export const PROTECTIONS: readonly (readonly [name: Quantity, bits: readonly number[]])[] = [
  ["bov", [5]],
  ["coc", [6]],
  ["sc", [7, 14]],
  ["cot", [8]],
  ["cut", [9]],
  ["uvp", [11]],
  ["buv", [12]],
  ["duc", [13]],
  ["dot", [15]],
];

/** Bits of the wider word of the layout for 32 cells. */
export const WIDE_PROTECTIONS: typeof PROTECTIONS = [
  ["cmf", [16]],
  ["dmf", [17]],
  ["dut", [27]],
];

/** The quantities of a cell record. @throws {FrameError} `malformed` */
export function cellSample(layout: CellLayout, frame: Uint8Array): Sample {
  return layout === "04" ? balancerSample(frame) : packSample(layout, frame);
}

function packSample(layout: "24s" | "32s", frame: Uint8Array): Sample {
  const values: CellValues = readLayout(CELL_LAYOUTS[layout], frame);
  const { mask, delta, maxcell, mincell, protect, balancing, heating, charge, discharge, temp3, temp4, ...same } =
    values;
  if (same.percent > 100) throw new FrameError("malformed", `the record has a charge of ${same.percent} %`);
  const slots = usedSlots(layout, mask, frame);
  const hasCells = slots.some((slot) => slot !== undefined);
  const protections = layout === "32s" ? [...PROTECTIONS, ...WIDE_PROTECTIONS] : PROTECTIONS;
  return {
    ...same,
    watts: power(same.volts, same.amps),
    ...cellsOf(slots),
    // The board's own, of smoothed voltages.
    ...(hasCells && { delta, maxcell, mincell }),
    balancing: flag(balancing),
    heating: flag(heating),
    // Boards without a third and a fourth sensor send zero in its place.
    ...(temp3 && { temp3 }),
    ...(temp4 && { temp4 }),
    protect,
    ...Object.fromEntries(protections.map(([name, bits]) => [name, flag(bits.some((bit) => bitOf(protect, bit)))])),
    fet: flag(charge) + 2 * flag(discharge),
  };
}

/** `volts` is the sum of the cells: a balancer does not measure the pack. */
function balancerSample(frame: Uint8Array): Sample {
  const { mask, delta, balancing, balanceamps, uptime } = readLayout(CELL_LAYOUTS["04"], frame);
  const slots = usedSlots("04", mask, frame);
  const cells = slots.filter((volts) => volts !== undefined);
  const hasCells = cells.length > 0;
  return {
    ...(hasCells && { volts: thousandths(cells.reduce((sum, volts) => sum + volts, 0)) / 1000 }),
    ...cellsOf(slots.map((volts) => (volts === undefined ? undefined : thousandths(volts)))),
    ...(hasCells && { delta: thousandths(delta) }),
    balancing: flag(balancing),
    balanceamps: thousandths(balanceamps) / 1000,
    uptime,
  };
}

/** The voltages of the slots; those without a cell keep their numbers. */
function usedSlots(layout: CellLayout, mask: number, frame: Uint8Array): (number | undefined)[] {
  const slots = Object.values(readLayout(VOLTAGES[layout], frame));
  return slots.map((volts, i) => (bitOf(mask, i) ? volts : undefined));
}

/** Millivolts by slot. */
function cellsOf(slots: readonly (number | undefined)[]): Sample {
  const cells = slots.filter((slot) => slot !== undefined);
  const { cellmin, cellmax, ...extremes } = cellExtremes(cells);
  return {
    cells: cells.length,
    ...numbered(CELL_NAMES, slots),
    ...(cellmin !== undefined &&
      cellmax !== undefined && {
        ...extremes,
        cellmin,
        cellmax,
        mincell: slots.indexOf(cellmin) + 1,
        maxcell: slots.indexOf(cellmax) + 1,
      }),
  };
}

const thousandths = (units: number) => Math.round(units * 1000) || 0;
const flag = (value: number | boolean) => (value ? 1 : 0);
const bitOf = (word: number, bit: number) => Math.floor(word / 2 ** bit) % 2 === 1;
