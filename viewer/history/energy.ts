import type { Reading } from "../../common/model/reading.ts";
import type { DayView } from "../model/views.ts";
import type { Day, DaySummary, MinuteFigures, Neighbours } from "./summaries.ts";

const HOUR_MS = 3_600_000;
const WH_PER_KWH = 1000;

/** The period is the median of this many distances between rows. With the row they end at they are NEIGHBOURS rows. */
const PERIOD_DISTANCES = 5;
/** Two rows may be missing between two measurements; half a period is for their jitter. */
const OBSERVED_PERIODS = 3.5;
const SHORTEST_LIMIT_MS = 30_000;
const LONGEST_LIMIT_MS = 1_200_000;

/**
 * Longest distance of two measurements between which the flow counts as observed, from the distances of the rows before
 * them. 10 s between polls give 35 s, 60 s give 210 s, 300 s give 17.5 min.
 */
export function longestObservedMs(distancesBefore: readonly number[]): number {
  const sorted = distancesBefore.slice(-PERIOD_DISTANCES).sort((a, b) => a - b);
  const periodMs = sorted[(sorted.length - 1) >> 1] ?? 0;
  return Math.min(LONGEST_LIMIT_MS, Math.max(SHORTEST_LIMIT_MS, OBSERVED_PERIODS * periodMs));
}

/**
 * Energy and charge of a minute, from its rows in the order of time, offline rows included, and those directly before.
 *
 * Between two consecutive rows the flow is taken for linear, if both are measurements of the same device and close enough
 * to each other. Everywhere else nothing was observed.
 */
export function minuteFigures(readings: readonly Reading[], neighbours: Neighbours): MinuteFigures {
  const rows = [...neighbours, ...readings];
  const distances = rows.slice(1).map(({ takenAt }, i) => takenAt - (rows[i]?.takenAt ?? 0));
  let figures: Required<MinuteFigures> | undefined;
  for (let i = Math.max(1, neighbours.length); i < rows.length; i++) {
    const [before, row, distanceMs] = [rows[i - 1], rows[i], distances[i - 1]];
    if (!before || !row || distanceMs === undefined) continue;
    const limitMs = longestObservedMs(distances.slice(Math.max(0, i - 1 - PERIOD_DISTANCES), i - 1));
    if (before.device !== row.device || distanceMs > limitMs || isOffline(before) || isOffline(row)) continue;
    const energy = areas(wattsOf(before), wattsOf(row), distanceMs);
    const charge = areas(before.sample.amps, row.sample.amps, distanceMs);
    const sum = figures ?? { chargedWh: 0, dischargedWh: 0, chargedAh: 0, dischargedAh: 0, observedMs: 0 };
    figures = {
      chargedWh: sum.chargedWh + (energy?.above ?? 0),
      dischargedWh: sum.dischargedWh + (energy?.below ?? 0),
      chargedAh: sum.chargedAh + (charge?.above ?? 0),
      dischargedAh: sum.dischargedAh + (charge?.below ?? 0),
      observedMs: sum.observedMs + (energy ? distanceMs : 0),
    };
  }
  return figures ?? {};
}

const isOffline = ({ sample }: Reading) => sample.online === 0;

function wattsOf({ sample: { watts, volts, amps } }: Reading): number | undefined {
  return watts ?? (volts !== undefined && amps !== undefined ? volts * amps : undefined);
}

interface Areas {
  readonly above: number;
  readonly below: number;
}

/** Areas of a straight line above and below zero, in hours times its unit. Undefined where an end is not known. */
function areas(start: number | undefined, end: number | undefined, ms: number): Areas | undefined {
  if (start === undefined || end === undefined) return undefined;
  // Where the line crosses zero, as a part of its length.
  const crossing = start * end < 0 ? start / (start - end) : 1;
  const halfHours = (0.5 * ms) / HOUR_MS;
  const first = (crossing < 1 ? start : start + end) * crossing * halfHours;
  const second = end * (1 - crossing) * halfHours;
  return { above: Math.max(0, first) + Math.max(0, second), below: Math.max(0, -first) + Math.max(0, -second) };
}

/** A day as the page shows it; without a summary nothing was observed. */
export function dayView({ day, from, to }: Day, summary: DaySummary | undefined, now: number): DayView {
  if (!summary) return { day, chargedKwh: 0, dischargedKwh: 0, observed: 0 };
  const elapsedMs = Math.max(1, Math.min(now, to) - from);
  return {
    day,
    chargedKwh: summary.chargedWh / WH_PER_KWH,
    dischargedKwh: summary.dischargedWh / WH_PER_KWH,
    observed: Math.min(1, summary.observedMs / elapsedMs),
  };
}
