import type { Quantity } from "../../common/model/quantities.ts";
import type { Reading } from "../../common/model/reading.ts";
import type { SeriesRequest } from "../model/history.ts";
import type { SeriesView } from "../model/views.ts";
import type { Rows, Values } from "./averages.ts";
import { dayOf, dayOfSlot, daySlot } from "./local-day.ts";
import { rowsDecoder } from "./minute-block.ts";
import { decimalsOf, type Names, scaled } from "./names.ts";
import { averagedSeries, bucketMs, rowsOf, singleSeries } from "./series.ts";
import { SLOT_MS, type Store, slotOf } from "./store.ts";
import type { DaySummary } from "./summaries.ts";

const DAY_MS = SLOT_MS.hours;

export interface SeriesDeps {
  readonly store: Store & { readonly names: Names };
  readings(meter: string, from: number, to: number): Iterable<Reading>;
  /** Readings are kept from here on, ms since the Unix epoch. */
  readonly readingsFrom: number;
}

/** The points of a chart, from the coarsest rows that are fine enough. */
export function readSeries(request: SeriesRequest, deps: SeriesDeps): SeriesView {
  const { store, readings, readingsFrom } = deps;
  const { meter, from, to, points } = request;
  const width = bucketMs(to - from, points);
  if (width < SLOT_MS.readings && from >= readingsFrom) {
    const single = Array.from(readings(meter, from, to), ({ takenAt, sample }) => ({ at: takenAt, sample }));
    if (single.length <= points) return singleSeries(request, single);
    return averagedSeries(request, [rowsOf(request, single)], width);
  }
  if (width >= DAY_MS) return averagedSeries(request, dayBlocks(request, deps), width);
  const tier = width >= SLOT_MS.minutes ? "hours" : "minutes";
  const rowMs = tier === "hours" ? SLOT_MS.minutes : SLOT_MS.readings;
  return averagedSeries(request, blocksOf(tier, request, store), Math.max(width, rowMs));
}

function blocksOf(
  tier: "hours" | "minutes",
  { meter, quantities, from, to }: Pick<SeriesRequest, "meter" | "quantities" | "from" | "to">,
  store: SeriesDeps["store"],
): Rows[] {
  const range = { from: slotOf(tier, from), to: slotOf(tier, to - 1) + 1 };
  const decode = rowsDecoder(store.names, quantities);
  return Array.from(store.scan({ tier, meter, ...range }), ({ bytes }) => decode(bytes));
}

/** The days of a chart: each as one row at its noon. A day written by an earlier version has its hours. */
function dayBlocks(request: SeriesRequest, { store }: SeriesDeps): Rows[] {
  const { meter, from, to } = request;
  const range = { from: daySlot(dayOf(from)), to: daySlot(dayOf(to - 1)) + 1 };
  return Array.from(store.scan({ tier: "days", meter, ...range })).flatMap(({ slot, bytes }) => {
    const { lastAt, values } = JSON.parse(Buffer.from(bytes).toString()) as DaySummary;
    const { from: begin, to: end } = dayOfSlot(slot);
    if (values) return [rowOfDay(Math.min(Math.max((begin + end) / 2, from), lastAt), values, request)];
    return blocksOf("hours", { ...request, from: begin, to: end }, store);
  });
}

function rowOfDay(
  at: number,
  { count, mean, low, high }: NonNullable<DaySummary["values"]>,
  { quantities }: SeriesRequest,
): Rows {
  const values = quantities.flatMap((name): [Quantity, Values][] => {
    const decimals = decimalsOf(name);
    const [middle, lowest, highest] = [mean, low, high].map((of) => scaled(of[name] ?? Number.NaN, decimals));
    if (middle === undefined || lowest === undefined || highest === undefined) return [];
    const distances = { below: [lowest - middle], above: [highest - middle] };
    return [[name, { mean: [middle], ...distances, scale: 10 ** decimals }]];
  });
  return { times: [at], weights: [Math.max(1, count)], values: new Map(values) };
}
