import type { Reading, Sample } from "../../common/model/reading.ts";
import type { SeriesRequest } from "../model/history.ts";
import type { SeriesView } from "../model/views.ts";
import { decodeSummaries } from "./minute-block.ts";
import type { Names } from "./names.ts";
import { averagedSeries, bucketMs, type Point, singleSeries } from "./series.ts";
import { SLOT_MS, type Store, slotOf } from "./store.ts";

export interface SeriesDeps {
  readonly store: Store & { readonly names: Names };
  readings(meter: string, from: number, to: number): Iterable<Reading>;
  /** Readings are kept from here on, ms since the Unix epoch. */
  readonly readingsFrom: number;
}

/** The points of a chart, from the coarsest rows that are fine enough. */
export function readSeries(request: SeriesRequest, { store, readings, readingsFrom }: SeriesDeps): SeriesView {
  const { meter, quantities, from, to, points } = request;
  const width = bucketMs(to - from, points);
  if (width < SLOT_MS.readings && from >= readingsFrom) {
    const single = Array.from(readings(meter, from, to), ({ takenAt, sample }) => pointOf(takenAt, 1, sample));
    return single.length <= points ? singleSeries(request, single) : averagedSeries(request, single, width);
  }
  const tier = width >= SLOT_MS.minutes ? "hours" : "minutes";
  const rowMs = tier === "hours" ? SLOT_MS.minutes : SLOT_MS.readings;
  const range = { from: slotOf(tier, from), to: slotOf(tier, to - 1) + 1 };
  const rows = [...store.scan({ tier, meter, ...range })]
    .flatMap(({ bytes }) => decodeSummaries(bytes, store.names, quantities))
    .filter(({ at }) => at >= from && at < to);
  return averagedSeries(
    request,
    rows.map((row) => ({ ...row, weight: Math.max(1, row.count) })),
    Math.max(width, rowMs),
  );
}

const pointOf = (at: number, weight: number, sample: Sample): Point => ({
  at,
  weight,
  mean: sample,
  low: sample,
  high: sample,
});
