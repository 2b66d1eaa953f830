import type { Quantity } from "../../common/model/quantities.ts";
import { type Lines, lineName, type Values } from "./charts.ts";
import { duration, glance, unitOf } from "./words.ts";

/** A chart in one sentence, for those who do not see it. */
export function describeLines({ times, lines }: Lines): string {
  const values = lines.flatMap((line) => [line.low, line.mean, line.high]).flatMap(numbers);
  const [first] = lines;
  if (!first || values.length === 0) return "No values in this time.";
  const shown = (value: number) => `${glance(first.quantity, value)}${unitOf(first.quantity)}`;
  const range = `From ${shown(least(values))} to ${shown(greatest(values))}`;
  const last = lines.length === 1 ? `, last ${shown(numbers(first.mean).at(-1) ?? 0)}` : ` over ${lines.length} lines`;
  return `${range}${last}${gaps(times, first.mean)}.`;
}

function gaps(times: readonly number[], values: Values): string {
  const lengths: number[] = [];
  let before: number | undefined;
  let isOpen = false;
  values.forEach((value, index) => {
    const time = times[index] ?? 0;
    if (value === null) {
      isOpen = before !== undefined;
      return;
    }
    if (isOpen && before !== undefined) lengths.push(time - before);
    isOpen = false;
    before = time;
  });
  if (lengths.length === 0) return "";
  const longest = duration(greatest(lengths));
  return lengths.length === 1 ? `; 1 gap of ${longest}` : `; ${lengths.length} gaps, the longest of ${longest}`;
}

/** A part of the time that a chart shows, as a row of its table. */
export interface TableRow {
  readonly from: number;
  readonly to: number;
  /** Of all lines together; absent without values in this part. */
  readonly low?: number;
  readonly mean?: number;
  readonly high?: number;
}

const ROWS = 12;

/** A chart as a table of equal parts of its time, oldest first. */
export function tableOf({ times, lines }: Lines, from: number, to: number): readonly TableRow[] {
  const step = (to - from) / ROWS;
  return Array.from({ length: ROWS }, (_, row) => {
    const start = from + row * step;
    const inside = times.flatMap((time, index) => (time >= start && time < start + step ? [index] : []));
    const pick = (values: Values | undefined) => numbers(values && inside.map((index) => values[index] ?? null));
    const means = lines.flatMap(({ mean }) => pick(mean));
    const all = [...means, ...lines.flatMap(({ low, high }) => [...pick(low), ...pick(high)])];
    if (means.length === 0) return { from: start, to: start + step };
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    return { from: start, to: start + step, low: least(all), mean, high: greatest(all) };
  });
}

/** The values at one point: of one line its value, of several the lowest and the highest with their names. */
export function readout({ lines }: Lines, index: number): string {
  const present = lines.flatMap(({ quantity, mean }) => {
    const value = mean[index];
    return value === null || value === undefined ? [] : [{ quantity, value }];
  });
  const sorted = present.sort((a, b) => a.value - b.value);
  const lowest = sorted[0];
  const highest = sorted.at(-1);
  if (!lowest || !highest) return "not measured";
  if (lines.length === 1) return withUnit(lowest.quantity, lowest.value);
  if (lines.length <= 4) return present.sort(byName).map(named).join(" · ");
  return `${named(lowest)} – ${named(highest)}`;
}

interface Point {
  readonly quantity: Quantity;
  readonly value: number;
}

function byName(a: Point, b: Point): number {
  return a.quantity < b.quantity ? -1 : 1;
}

function named({ quantity, value }: Point): string {
  const name = lineName(quantity).replace("temperature sensor ", "");
  return name === "temperature" ? withUnit(quantity, value) : `${name}: ${withUnit(quantity, value)}`;
}

function withUnit(quantity: Quantity, value: number): string {
  return `${glance(quantity, value)}${unitOf(quantity)}`;
}

function numbers(values: Values | undefined): number[] {
  return (values ?? []).filter((value) => value !== null);
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
