/** The voltage axis of a pack's cells, mV. It does not begin at zero: differences of a few mV would not be visible. */
export interface CellScale {
  readonly from: number;
  readonly to: number;
  /** Values with a line, `from` and `to` included. */
  readonly lines: readonly number[];
}

/** Lengths of the axis, mV: few and fixed, so that the bars of two looks can be compared. */
const SPANS = [40, 100, 200, 400, 1000, 2000, 4000];
/** Largest part of the axis that the spread takes. */
const FILL = 0.6;

/** The shortest of the fixed axes on which the spread leaves room above and below. */
export function cellScale(millivolts: readonly number[]): CellScale {
  const low = Math.min(...millivolts);
  const high = Math.max(...millivolts);
  const span = SPANS.find((each) => high - low <= each * FILL) ?? Math.ceil((high - low) / FILL / 1000) * 1000;
  const step = span / 4;
  const from = Math.max(0, Math.round(((low + high) / 2 - span / 2) / step) * step);
  return { from, to: from + span, lines: [0, 1, 2, 3, 4].map((n) => from + n * step) };
}

/** Part of the axis below a value, 0 to 1. */
export function heightOn({ from, to }: CellScale, millivolts: number): number {
  return Math.min(1, Math.max(0, (millivolts - from) / (to - from)));
}
