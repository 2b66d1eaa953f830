import { CELL_NAMES, TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";

/** A length of time for people: `45 s`, `12 min`, `3 h`, `2 d`. */
export function durationText(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const;
  const [unit, length] =
    units.find(([, long]) => ms >= 2 * long) ?? (ms >= 60_000 ? units[2] : (["s", 1_000] as const));
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

/** `cell 7 at 3.652 V` */
export function cellText({ number, millivolts }: Cell): string {
  return `cell ${number} at ${voltsText(millivolts)}`;
}

/** `3.652 V` */
export function voltsText(millivolts: number): string {
  return `${(millivolts / 1000).toFixed(3)} V`;
}

/** A cell and its voltage. */
export interface Cell {
  /** From 1. */
  readonly number: number;
  readonly millivolts: number;
}

/** The cells that a device reported, by number. */
export function cellsOf(sample: Sample): readonly Cell[] {
  return CELL_NAMES.flatMap((name, at) => {
    const millivolts = sample[name];
    return millivolts === undefined ? [] : [{ number: at + 1, millivolts }];
  });
}

/** The cell with the lowest voltage; undefined for a device that does not report its cells. */
export function lowestCell(sample: Sample): Cell | undefined {
  return cellsOf(sample).reduce<Cell | undefined>(
    (low, each) => (low && low.millivolts <= each.millivolts ? low : each),
    undefined,
  );
}

/** The cell with the highest voltage. */
export function highestCell(sample: Sample): Cell | undefined {
  return cellsOf(sample).reduce<Cell | undefined>(
    (high, each) => (high && high.millivolts >= each.millivolts ? high : each),
    undefined,
  );
}

/** Every temperature that a device reported, °C. */
export function temperaturesOf(sample: Sample): readonly number[] {
  return (["temp", ...TEMPERATURE_NAMES] as const).flatMap((name) => sample[name] ?? []);
}

/** `-3.5 °C` */
export function celsiusText(celsius: number): string {
  return `${celsius.toFixed(1)} °C`;
}
