import type { SeriesView } from "../model/views.ts";
import { describeLines, type TableRow, tableOf } from "./chart-words.ts";
import { type ChartSpec, type Lines, linesOf } from "./charts.ts";

/** A chart with everything that follows from one answer of the viewer, computed once. */
export interface ChartModel extends Lines {
  readonly spec: ChartSpec;
  /** Ends of the time axis, ms since the Unix epoch. */
  readonly from: number;
  readonly to: number;
  /** The chart in a sentence. */
  readonly description: string;
  readonly table: readonly TableRow[];
}

export function chartModel(spec: ChartSpec, series: SeriesView): ChartModel {
  const { from, to } = series;
  const lines = linesOf(series, spec.quantities);
  return { spec, from, to, ...lines, description: describeLines(lines), table: tableOf(lines, from, to) };
}
