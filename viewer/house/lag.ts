import type { Reading } from "../../common/model/reading.ts";
import type { Moment } from "./moment.ts";

/** Ages of readings when they arrive. */
export interface LagEstimate {
  /** Takes the readings of one device as they arrive. Returns how old this one is, ms. */
  observe(reading: Pick<Reading, "takenAt">, arrival: Moment): number;
}

/** Readings in a row that arrive at the distances of their times before their clock is found to differ. */
const STEADY = 3;

/**
 * The age of a reading is that by the wall clock, never negative. A backlog arrives faster than it was taken. Readings that
 * arrive at the distances of their times are therefore new, also if their times are far behind: their clock differs from
 * this one.
 */
export function createLagEstimate(): LagEstimate {
  let last: { readonly takenAt: number; readonly uptimeMs: number } | undefined;
  let steady = 0;

  return {
    observe({ takenAt }, { wallMs, uptimeMs }) {
      const distance = last && takenAt - last.takenAt;
      const arrivalDistance = last && uptimeMs - last.uptimeMs;
      const isSteady =
        distance !== undefined &&
        arrivalDistance !== undefined &&
        distance > 0 &&
        Math.abs(arrivalDistance - distance) < distance / 2;
      steady = isSteady ? steady + 1 : 0;
      last = { takenAt, uptimeMs };
      return steady >= STEADY ? 0 : Math.max(0, wallMs - takenAt);
    },
  };
}
