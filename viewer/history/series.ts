import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { SeriesRequest } from "../model/history.ts";
import type { SeriesView } from "../model/views.ts";
import { type Average, averagesOf, type Rows } from "./averages.ts";

/** A reading, to be drawn. */
export interface Point {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly sample: Sample;
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
  const singles = points.map(({ at, sample }) => ({ at, from: at, mean: sample, low: sample, high: sample }));
  const rows = withGaps(singles, gapsOf(measuredTimes(request, [rowsOf(request, points)])));
  return { meter, from, to, resolutionMs: 0, times: rows.map(({ at }) => at), mean: tableOf(request, rows, "mean") };
}

/** Averages over `widthMs`, each at the middle of its time. */
export function averagedSeries(request: SeriesRequest, blocks: readonly Rows[], widthMs: number): SeriesView {
  const rows = withGaps(averagesOf(request, blocks, widthMs), gapsOf(measuredTimes(request, blocks)));
  const of = (key: "mean" | "low" | "high") => tableOf(request, rows, key);
  const { meter, from, to } = request;
  const times = rows.map(({ at }) => at);
  return { meter, from, to, resolutionMs: widthMs, times, mean: of("mean"), low: of("low"), high: of("high") };
}

/** Readings column by column. */
export function rowsOf({ quantities }: Pick<SeriesRequest, "quantities">, points: readonly Point[]): Rows {
  const columns = new Set<Quantity>([...quantities, "online"]);
  return {
    times: points.map(({ at }) => at),
    weights: points.map(() => 1),
    values: new Map([...columns].map((name) => [name, { mean: points.map(({ sample }) => sample[name]), scale: 1 }])),
  };
}

/** Times at which something was measured; the agent's own figures go on while the device is away. */
function measuredTimes({ quantities, from, to }: SeriesRequest, blocks: readonly Rows[]): readonly number[] {
  const isMeasured = quantities.some((name) => QUANTITIES[name].group !== "agent");
  return blocks.flatMap(({ times, values }) => {
    const online = isMeasured ? values.get("online")?.mean : undefined;
    return times.filter((at, row) => at >= from && at < to && online?.[row] !== 0);
  });
}

/** Spacings on each side from which the period at a point is estimated: its interval may have been changed. */
const AROUND = 5;
const PERIODS_OF_A_GAP = 2;

/** Times that end a gap: nothing was measured for more than two periods before. */
function gapsOf(times: readonly number[]): readonly number[] {
  const spacings = times.slice(1).map((at, i) => at - (times[i] ?? at));
  // No period is shorter than the least spacing, so most spacings need no look around.
  const least = spacings.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return times.slice(1).filter((_, i) => {
    if ((spacings[i] ?? 0) <= PERIODS_OF_A_GAP * least) return false;
    const around = spacings.slice(Math.max(0, i - AROUND), i).concat(spacings.slice(i + 1, i + 1 + AROUND));
    around.sort((a, b) => a - b);
    const period = around[around.length >> 1] ?? 0;
    return around.length > 0 && (spacings[i] ?? 0) > PERIODS_OF_A_GAP * period;
  });
}

/** A point without values between two of which the second begins with, or after, the end of a gap. */
function withGaps(points: readonly Average[], gaps: readonly number[]): readonly Average[] {
  let next = 0;
  return points.flatMap((point, i) => {
    const last = points[i - 1];
    let isGap = false;
    while ((gaps[next] ?? Number.POSITIVE_INFINITY) <= point.from) {
      next += 1;
      isGap = true;
    }
    if (!isGap || !last) return [point];
    return [{ at: Math.round((last.at + point.at) / 2), from: point.from, mean: {}, low: {}, high: {} }, point];
  });
}

function tableOf(
  { quantities }: SeriesRequest,
  rows: readonly Average[],
  key: "mean" | "low" | "high",
): SeriesView["mean"] {
  return Object.fromEntries(quantities.map((name) => [name, rows.map((row) => row[key][name] ?? null)]));
}
