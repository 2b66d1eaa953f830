import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Reading } from "../../common/model/reading.ts";
import { minuteFigures } from "./energy.ts";
import { decimalsOf, scaled, unscaled } from "./names.ts";
import { MINUTE_FIGURES, type MinuteFigures, type MinuteSummary, type Neighbours } from "./summaries.ts";

/** A value with the decimals that are stored; undefined where it cannot be. */
function rounded(value: number, decimals: number): number | undefined {
  const whole = scaled(value, decimals);
  return whole === undefined ? undefined : unscaled(whole, decimals);
}

/** A reading as it is stored, so that nothing depends on whether it was written in between. */
export function asStored(reading: Reading): Reading {
  const sample: MutableSample = {};
  for (const name of Object.keys(reading.sample) as Quantity[]) {
    const value = rounded(reading.sample[name] ?? 0, decimalsOf(name));
    if (value !== undefined) sample[name] = value;
  }
  return { ...reading, sample };
}

/** The order of readings of one meter. 0: repeats of the same reading. */
export function compareReadings(a: Reading, b: Reading): number {
  return a.takenAt - b.takenAt || (a.device < b.device ? -1 : Number(a.device > b.device));
}

/** `readings` of the minute that begins at `at`, in the order of time; at least one. */
export function summariseMinute(at: number, readings: readonly Reading[], before: Neighbours): MinuteSummary {
  const count = readings.filter(({ sample }) => sample.online !== 0).length;
  const rows = readings.map(({ sample }) => ({ weight: 1, mean: sample, low: sample, high: sample }));
  const figures: { -readonly [F in keyof MinuteFigures]: MinuteFigures[F] } = {};
  const exact = minuteFigures(readings, before);
  for (const name of Object.keys(MINUTE_FIGURES) as (keyof MinuteFigures)[]) {
    const value = exact[name] === undefined ? undefined : rounded(exact[name], MINUTE_FIGURES[name]);
    if (value !== undefined) figures[name] = value;
  }
  return { at, count, ...spread(rows), figures };
}

/** Several summaries as one, such as the minutes of an hour; at least one. Figures are left out. */
export function combine(at: number, summaries: readonly MinuteSummary[]): MinuteSummary {
  const count = summaries.reduce((sum, each) => sum + each.count, 0);
  // The figures of the agent are reported while the device is away as well.
  const rows = summaries.map((each) => ({ ...each, weight: Math.max(1, each.count) }));
  return { at, count, ...spread(rows), figures: {} };
}

type Spread = Pick<MinuteSummary, "mean" | "low" | "high">;

function spread(rows: readonly (Spread & { readonly weight: number })[]): Spread {
  const mean: MutableSample = {};
  const low: MutableSample = {};
  const high: MutableSample = {};
  for (const name of Object.keys(QUANTITIES) as Quantity[]) {
    let [sum, weights, lowest, highest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      const value = row.mean[name];
      if (value === undefined) continue;
      sum += value * row.weight;
      weights += row.weight;
      lowest = Math.min(lowest, row.low[name] ?? value);
      highest = Math.max(highest, row.high[name] ?? value);
    }
    if (weights === 0) continue;
    const value = rounded(sum / weights, decimalsOf(name));
    if (value === undefined) continue;
    mean[name] = value;
    low[name] = lowest;
    high[name] = highest;
  }
  return { mean, low, high };
}

/** `summary` with the lowest and highest of readings that may be in it already. */
export function mergeExtremes(summary: MinuteSummary, others: MinuteSummary): MinuteSummary {
  const low: MutableSample = { ...summary.low };
  const high: MutableSample = { ...summary.high };
  for (const name of Object.keys(summary.mean) as Quantity[]) {
    low[name] = Math.min(low[name] ?? Number.POSITIVE_INFINITY, others.low[name] ?? Number.POSITIVE_INFINITY);
    high[name] = Math.max(high[name] ?? Number.NEGATIVE_INFINITY, others.high[name] ?? Number.NEGATIVE_INFINITY);
  }
  return { ...summary, low, high };
}
