import type { Budget, Measure } from "../question.ts";
import { median } from "./statistics.ts";

/** Median of a subject of a measure; undefined where it was not here. */
export function medianOf({ series }: Measure, subject: string): number | undefined {
  const values = series.find((each) => each.subject === subject)?.values ?? [];
  return values.length > 0 ? median(values) : undefined;
}

/** How far beyond its limit a figure must be to fail a run, on a machine that does other work as well. */
const MARGIN = 8;

/** A limit on the median of one subject, in the unit of the measure. */
export function atMost(measure: Measure, subject: string, limit: number): Budget[] {
  const figure = medianOf(measure, subject);
  if (figure === undefined) return [];
  const { what, unit, decimals } = measure;
  return [
    {
      what: `${what}: ${subject} at most ${limit} ${unit}`.trim(),
      figure: `${figure.toFixed(decimals)} ${unit}`.trim(),
      isMet: figure <= limit,
    },
  ];
}

export function atLeast(measure: Measure, subject: string, limit: number): Budget[] {
  const figure = medianOf(measure, subject);
  if (figure === undefined) return [];
  const { what, unit, decimals } = measure;
  return [
    {
      what: `${what}: ${subject} at least ${limit} ${unit}`.trim(),
      figure: `${figure.toFixed(decimals)} ${unit}`.trim(),
      isMet: figure >= limit,
    },
  ];
}

/** A limit on the ratio of two subjects of one measure, taken in the same run. Nothing where one of them was not here. */
export function atMostTimes(measure: Measure, subject: string, baseline: string, limit: number): Budget[] {
  const ratio = ratioOf(measure, subject, baseline);
  if (ratio === undefined) return [];
  return [
    {
      what: `${measure.what}: ${subject} at most ${limit} × ${baseline}`,
      figure: `${ratio.toFixed(2)} ×`,
      isMet: ratio <= limit,
      isBroken: ratio > limit * MARGIN,
    },
  ];
}

export function atLeastTimes(measure: Measure, subject: string, baseline: string, limit: number): Budget[] {
  const ratio = ratioOf(measure, subject, baseline);
  if (ratio === undefined) return [];
  return [
    {
      what: `${measure.what}: ${subject} at least ${limit} × ${baseline}`,
      figure: `${ratio.toFixed(2)} ×`,
      isMet: ratio >= limit,
      isBroken: ratio < limit / MARGIN,
    },
  ];
}

function ratioOf(measure: Measure, subject: string, baseline: string): number | undefined {
  const [of, to] = [medianOf(measure, subject), medianOf(measure, baseline)];
  return of === undefined || to === undefined ? undefined : of / to;
}
