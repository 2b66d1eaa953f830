import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../common/model/reading.ts";
import type { SeriesRequest } from "../model/history.ts";
import type { SeriesView } from "../model/views.ts";

/** A reading or a summary, to be drawn. */
export interface Point {
  readonly at: number;
  readonly weight: number;
  readonly mean: Sample;
  readonly low: Sample;
  readonly high: Sample;
}

/** Widths of averaged points: each is a multiple of those before, so that points stay in place while time goes on. */
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];

/** Time of one averaged point where about `points` make up `spanMs`. */
export function bucketMs(spanMs: number, points: number): number {
  return WIDTHS.find((width) => spanMs / width <= points) ?? Math.ceil(spanMs / points / (24 * HOUR)) * 24 * HOUR;
}

/** Each reading as it is. */
export function singleSeries(request: SeriesRequest, points: readonly Point[]): SeriesView {
  const { meter, from, to } = request;
  const gaps = gapsOf(request, points);
  const rows = withGaps(
    points.map((point) => ({ ...point, from: point.at })),
    gaps,
  );
  return { meter, from, to, resolutionMs: 0, times: rows.map(({ at }) => at), mean: tableOf(request, rows, "mean") };
}

/** Averages over `widthMs`, each at the middle of its time. */
export function averagedSeries(request: SeriesRequest, points: readonly Point[], widthMs: number): SeriesView {
  const buckets = new Map<number, Point[]>();
  for (const point of points) {
    const begin = Math.floor(point.at / widthMs) * widthMs;
    const bucket = buckets.get(begin);
    if (bucket) bucket.push(point);
    else buckets.set(begin, [point]);
  }
  const averaged = [...buckets].map(([begin, bucket]) => average(begin + widthMs / 2, bucket, request.quantities));
  const rows = withGaps(averaged, gapsOf(request, points));
  const of = (key: "mean" | "low" | "high") => tableOf(request, rows, key);
  const { meter, from, to } = request;
  const times = rows.map(({ at }) => at);
  return { meter, from, to, resolutionMs: widthMs, times, mean: of("mean"), low: of("low"), high: of("high") };
}

/** Spacings on each side from which the period at a point is estimated: its interval may have been changed. */
const AROUND = 5;
const PERIODS_OF_A_GAP = 2;

/** Times of the points that end a gap: nothing was measured for more than two periods before. */
function gapsOf({ quantities }: SeriesRequest, points: readonly Point[]): readonly number[] {
  // The agent's own figures go on while the device is away.
  const isMeasured = quantities.some((name) => QUANTITIES[name].group !== "agent");
  const times = points.filter((point) => !isMeasured || point.mean.online !== 0).map(({ at }) => at);
  const spacings = times.slice(1).map((at, i) => at - (times[i] ?? at));
  return times.slice(1).filter((_, i) => {
    const around = spacings.slice(Math.max(0, i - AROUND), i).concat(spacings.slice(i + 1, i + 1 + AROUND));
    around.sort((a, b) => a - b);
    const period = around[around.length >> 1] ?? 0;
    return around.length > 0 && (spacings[i] ?? 0) > PERIODS_OF_A_GAP * period;
  });
}

interface DrawnPoint extends Point {
  /** Time of the first reading in it. */
  readonly from: number;
}

/** A point without values between two of which the second begins with, or after, the end of a gap. */
function withGaps(points: readonly DrawnPoint[], gaps: readonly number[]): readonly DrawnPoint[] {
  let next = 0;
  return points.flatMap((point, i) => {
    const last = points[i - 1];
    let isGap = false;
    while ((gaps[next] ?? Number.POSITIVE_INFINITY) <= point.from) {
      next += 1;
      isGap = true;
    }
    if (!isGap || !last) return [point];
    return [
      { at: Math.round((last.at + point.at) / 2), from: point.from, weight: 0, mean: {}, low: {}, high: {} },
      point,
    ];
  });
}

function average(at: number, points: readonly Point[], quantities: readonly Quantity[]): DrawnPoint {
  const mean: MutableSample = {};
  const low: MutableSample = {};
  const high: MutableSample = {};
  for (const name of quantities) {
    const present = points.filter((point) => point.mean[name] !== undefined);
    const weight = present.reduce((sum, point) => sum + point.weight, 0);
    if (weight === 0) continue;
    const sum = present.reduce((total, point) => total + (point.mean[name] ?? 0) * point.weight, 0);
    mean[name] = Number((sum / weight).toFixed(QUANTITIES[name].decimals + 1));
    low[name] = Math.min(...present.map((point) => point.low[name] ?? Number.POSITIVE_INFINITY));
    high[name] = Math.max(...present.map((point) => point.high[name] ?? Number.NEGATIVE_INFINITY));
  }
  return { at, from: points[0]?.at ?? at, weight: 1, mean, low, high };
}

function tableOf(
  { quantities }: SeriesRequest,
  rows: readonly Point[],
  key: "mean" | "low" | "high",
): SeriesView["mean"] {
  return Object.fromEntries(quantities.map((name) => [name, rows.map((row) => row[key][name] ?? null)]));
}
