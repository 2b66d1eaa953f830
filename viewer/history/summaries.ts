/**
 * The seam between the store of the history and the figures computed from it. The store knows which readings belong to a
 * minute and which minutes to a day; the functions in energy.ts and lifetime.ts are pure and know what they mean.
 */
import type { Reading, Sample } from "../../common/model/reading.ts";
import type { CellExtreme } from "../model/views.ts";

/**
 * Figures of a minute that are more than lowest, mean and highest, with the decimals that are stored. Kind and decimals of
 * a stored figure never change; more may be added, and are absent in the minutes written before.
 */
export const MINUTE_FIGURES = {
  chargedWh: 6,
  dischargedWh: 6,
  chargedAh: 6,
  dischargedAh: 6,
  /** Time of which watts are known, ms. */
  observedMs: 0,
} satisfies Readonly<Record<string, number>>;

type MinuteFigure = keyof typeof MINUTE_FIGURES;
export type MinuteFigures = { readonly [F in MinuteFigure]?: number };

/** One meter in one minute in which it had readings. */
export interface MinuteSummary {
  /** Its beginning, ms since the Unix epoch; a multiple of 60,000. */
  readonly at: number;
  /** Readings with measured values; rows of a device that is away are not counted. */
  readonly count: number;
  /** With the decimals of the vocabulary. */
  readonly mean: Sample;
  readonly low: Sample;
  readonly high: Sample;
  readonly figures: MinuteFigures;
}

/**
 * Readings directly before a minute, oldest first: at most NEIGHBOURS, none older than NEIGHBOUR_MS. Where an interval between
 * two readings crosses the boundary of a minute, all of it belongs to the minute in which it ends: so a reading that comes
 * late changes its own minute and those of the next NEIGHBOURS readings, and nothing else.
 */
export type Neighbours = readonly Reading[];
export const NEIGHBOURS = 6;
export const NEIGHBOUR_MS = 3_600_000;

/** A day in the viewer's time zone. */
export interface Day {
  /** `2026-11-27`. */
  readonly day: string;
  /** Its beginning, and that of the next, ms since the Unix epoch. */
  readonly from: number;
  readonly to: number;
}

/**
 * Figures of one meter over a stretch of time. Those of two stretches, the first before the second, can be joined to those
 * of both: so the days give the lifetime, and a day that is computed again needs no other.
 */
export interface Part {
  /** Minutes with the oldest and the newest reading, ms since the Unix epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly chargedAh: number;
  readonly dischargedAh: number;
  /** Time of which watts are known, ms. */
  readonly observedMs: number;
  readonly lowestVolts?: number;
  readonly highestVolts?: number;
  readonly lowestCell?: CellExtreme;
  readonly highestCell?: CellExtreme;
  readonly lowestPercent?: number;
  /** Rises of the charge above 90 % after it fell below 65 %. */
  readonly fullCycles: number;
  /** The first and the last time that the charge was below 65 % or above 90 %: which of them it was. */
  readonly firstEnd?: ChargeEnd;
  readonly lastEnd?: ChargeEnd;
  /** The last minute at full, and the charge left then, Ah. */
  readonly lastFullAt?: number;
  readonly remainAtFull?: number;
  /** Lowest charge left before the first minute at full, Ah; of the whole stretch if it has none. */
  readonly lowestBeforeFull?: number;
  /** Largest discharge from a full that lies in this stretch, Ah. */
  readonly deepestDischargeAh?: number;
}

export type ChargeEnd = "low" | "high";

/** Figures of one meter on one day, stored as JSON. Fields may be added, and are absent in the days written before. */
export interface DaySummary extends Part {
  readonly day: string;
  /** `count` and values of its hours as one. */
  readonly values?: Pick<MinuteSummary, "count" | "mean" | "low" | "high">;
}
