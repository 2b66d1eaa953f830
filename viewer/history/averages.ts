import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../common/model/reading.ts";
import type { SeriesRequest } from "../model/history.ts";
import type { Column } from "./columns.ts";

/** Readings or summaries of one meter by rising time, column by column: a chart of a week has half a million values. */
export interface Rows {
  /** ms since the Unix epoch. */
  readonly times: readonly number[];
  readonly weights: readonly number[];
  readonly values: ReadonlyMap<Quantity, Values>;
}

/** The values of one quantity. */
export interface Values {
  readonly mean: Column;
  /** Lowest and highest as their distance from the mean. Absent: the mean itself. */
  readonly below?: Column | undefined;
  readonly above?: Column | undefined;
  /** The numbers are in this part of the unit: 1000 for thousandths. */
  readonly scale: number;
}

/** The average of the rows in one span of time. */
export interface Average {
  /** The middle of the span, ms since the Unix epoch. */
  readonly at: number;
  /** Time of the first row in it. */
  readonly from: number;
  readonly mean: Sample;
  readonly low: Sample;
  readonly high: Sample;
}

/** By span, in the scale of the values. */
interface Sums {
  scale: number;
  readonly weight: Float64Array;
  readonly sum: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Averages over spans of `widthMs`, without those that have no row. */
export function averagesOf(request: SeriesRequest, blocks: readonly Rows[], widthMs: number): Average[] {
  const { from, to, quantities } = request;
  const first = Math.floor(from / widthMs);
  const count = Math.max(0, Math.floor((to - 1) / widthMs) - first + 1);
  const begins: (number | undefined)[] = new Array(count).fill(undefined);
  const sums = new Map(quantities.map((name) => [name, sumsOf(count)]));
  for (const { times, weights, values } of blocks) {
    const spans = times.map((at) => (at >= from && at < to ? Math.floor(at / widthMs) - first : undefined));
    for (const [row, span] of spans.entries()) if (span !== undefined) begins[span] ??= times[row];
    for (const [name, columns] of values) {
      const into = sums.get(name);
      if (into) addColumns(into, columns, spans, weights);
    }
  }
  return begins.flatMap((begin, span) => {
    if (begin === undefined) return [];
    return [{ at: (first + span) * widthMs + widthMs / 2, from: begin, ...averageAt(sums, span) }];
  });
}

function sumsOf(count: number): Sums {
  return {
    scale: 1,
    weight: new Float64Array(count),
    sum: new Float64Array(count),
    low: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
    high: new Float64Array(count).fill(Number.NEGATIVE_INFINITY),
  };
}

function addColumns(
  into: Sums,
  { mean, below, above, scale }: Values,
  spans: readonly (number | undefined)[],
  weights: readonly number[],
): void {
  const { weight, sum, low, high } = into;
  into.scale = scale;
  for (let row = 0; row < spans.length; row += 1) {
    const span = spans[row];
    const value = mean[row];
    if (span === undefined || value === undefined) continue;
    const part = weights[row] ?? 1;
    weight[span] = (weight[span] ?? 0) + part;
    sum[span] = (sum[span] ?? 0) + value * part;
    const lowest = below ? value + (below[row] ?? 0) : value;
    const highest = above ? value + (above[row] ?? 0) : value;
    if (lowest < (low[span] ?? 0)) low[span] = lowest;
    if (highest > (high[span] ?? 0)) high[span] = highest;
  }
}

function averageAt(sums: ReadonlyMap<Quantity, Sums>, span: number): Pick<Average, "mean" | "low" | "high"> {
  const [mean, low, high]: [MutableSample, MutableSample, MutableSample] = [{}, {}, {}];
  for (const [name, each] of sums) {
    const weight = each.weight[span] ?? 0;
    if (weight === 0) continue;
    const average = (each.sum[span] ?? 0) / weight / each.scale;
    mean[name] = Number(average.toFixed(QUANTITIES[name].decimals + 1));
    low[name] = (each.low[span] ?? 0) / each.scale;
    high[name] = (each.high[span] ?? 0) / each.scale;
  }
  return { mean, low, high };
}
