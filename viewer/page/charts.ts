import { CELL_NAMES, QUANTITIES, type Quantity, TEMPERATURE_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { SeriesView } from "../model/views.ts";

/** A span of time that the charts show. */
export interface Range {
  readonly name: "hour" | "day" | "week" | "year";
  readonly spanMs: number;
  /** Points of a line, about one per pixel of a phone; of a week the hours, of a year the days. */
  readonly points: number;
  /** Interval of new requests while it is shown, ms. */
  readonly refreshMs: number;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

export const RANGES: readonly Range[] = [
  { name: "hour", spanMs: 60 * MINUTE, points: 360, refreshMs: 10_000 },
  { name: "day", spanMs: DAY, points: 360, refreshMs: MINUTE },
  { name: "week", spanMs: 7 * DAY, points: 7 * 24, refreshMs: 5 * MINUTE },
  { name: "year", spanMs: 365 * DAY, points: 365, refreshMs: 30 * MINUTE },
];

/** One chart: quantities that share an axis. */
export interface ChartSpec {
  readonly title: string;
  readonly quantities: readonly Quantity[];
  /** Ends of the axis, where they do not follow from the values. */
  readonly axis?: readonly [number, number];
  /** The axis includes zero. */
  readonly hasZero?: true;
  /** Shortest axis, in the unit of the quantities: a flat line must not look like a storm. */
  readonly minSpan: number;
}

/** In the order in which people look at them. */
export const CHARTS: readonly ChartSpec[] = [
  { title: "Power", quantities: ["watts"], hasZero: true, minSpan: 10 },
  { title: "Current", quantities: ["amps"], hasZero: true, minSpan: 1 },
  { title: "Charge", quantities: ["percent"], axis: [0, 100], minSpan: 100 },
  { title: "Voltage", quantities: ["volts"], minSpan: 0.1 },
  { title: "Cells", quantities: CELL_NAMES, minSpan: 20 },
  { title: "Cell spread", quantities: ["delta"], hasZero: true, minSpan: 20 },
  { title: "Temperatures", quantities: ["temp", ...TEMPERATURE_NAMES], minSpan: 4 },
];

/** The charts of a meter that reports these quantities. */
export function chartsOf(sample: Sample): readonly ChartSpec[] {
  return CHARTS.map((chart) => ({
    ...chart,
    quantities: chart.quantities.filter((quantity) => sample[quantity] !== undefined),
  })).filter(({ quantities }) => quantities.length > 0);
}

/** Name of one line of a chart: `cell 3`, `temperature sensor 2`. */
export function lineName(quantity: Quantity): string {
  return QUANTITIES[quantity].about.replace(/^voltage of /, "");
}

export type Values = readonly (number | null)[];

/** One line of a chart. */
export interface Line {
  readonly quantity: Quantity;
  readonly mean: Values;
  /** Of the readings that each point averages. */
  readonly low?: Values;
  readonly high?: Values;
}

/** Lines over common times. null is a gap. */
export interface Lines {
  /** ms since the Unix epoch. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

/** A distance of more than so many steps is a gap. */
const GAP_STEPS = 3;

/** The lines of a chart, with a null where two neighbouring points are far apart. */
export function linesOf({ times, resolutionMs, mean, low, high }: SeriesView, quantities: readonly Quantity[]): Lines {
  const gapMs = GAP_STEPS * Math.max(resolutionMs, medianStep(times));
  const breaks = times.flatMap((time, index) =>
    index > 0 && time - (times[index - 1] ?? time) > gapMs ? [index] : [],
  );
  const broken = <T>(values: readonly T[], gap: (index: number) => T): readonly T[] => {
    if (breaks.length === 0) return values;
    const isBreak = new Set(breaks);
    return values.flatMap((value, index) => (isBreak.has(index) ? [gap(index), value] : [value]));
  };
  const holes = (values: Values | undefined) => broken(values ?? times.map(() => null), () => null);
  return {
    times: broken(times, (index) => ((times[index - 1] ?? 0) + (times[index] ?? 0)) / 2),
    lines: quantities.map((quantity) => ({
      quantity,
      mean: holes(mean[quantity]),
      ...(low?.[quantity] && high?.[quantity] && { low: holes(low[quantity]), high: holes(high[quantity]) }),
    })),
  };
}

function medianStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

/** Positions of values without a neighbour, which no line would show. */
export function lonePoints(values: Values): number[] {
  const isMissing = (index: number) => values[index] === null || values[index] === undefined;
  return values.flatMap((_, index) =>
    !isMissing(index) && isMissing(index - 1) && isMissing(index + 1) ? [index] : [],
  );
}

/** Both ends of a chart's axis for values between `low` and `high`. */
export function axisEnds({ axis, hasZero, minSpan }: ChartSpec, low: number, high: number): [number, number] {
  if (axis) return [...axis];
  const from = hasZero ? Math.min(0, low) : low;
  const to = hasZero ? Math.max(0, high) : high;
  const margin = Math.max((to - from) * 0.08, (minSpan - (to - from)) / 2);
  return [hasZero && low >= 0 ? 0 : from - margin, hasZero && high <= 0 ? 0 : to + margin];
}
