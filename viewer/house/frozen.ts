import { QUANTITIES, QUANTITY_NAMES } from "../../common/model/quantities.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";

/** Watches for values that do not change. */
export interface FreezeWatch {
  /** Time of the first reading with the present values, while they are frozen. */
  readonly since: number | undefined;
  /** Takes the measurements of one device in their order. */
  observe(reading: Reading): void;
}

/** Equal readings in a row. */
const READINGS = 10;
/** Time between the first and the last of them, ms. */
export const DURATION_MS = 10 * 60_000;
/** While less current flows, equal values are expected. */
export const FLOWING_AMPS = 0.5;

/**
 * Values are frozen when everything that the device measures was equal to the last bit in at least 10 readings over at least
 * 10 minutes, and at least 0.5 A flows. The figures of the agent do not count.
 */
export function createFreezeWatch(): FreezeWatch {
  let first: Reading | undefined;
  let count = 0;
  let since: number | undefined;

  return {
    get since() {
      return since;
    },
    observe(reading) {
      if (!first || !isEqual(first.sample, reading.sample)) {
        first = reading;
        count = 0;
      }
      count += 1;
      const isLong = count >= READINGS && reading.takenAt - first.takenAt >= DURATION_MS;
      since = isLong && Math.abs(reading.sample.amps ?? 0) >= FLOWING_AMPS ? first.takenAt : undefined;
    },
  };
}

const MEASURED = QUANTITY_NAMES.filter((name) => QUANTITIES[name].group !== "agent");

function isEqual(a: Sample, b: Sample): boolean {
  return MEASURED.every((name) => a[name] === b[name]);
}
