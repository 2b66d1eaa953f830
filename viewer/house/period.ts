import type { Reading } from "../../common/model/reading.ts";

/** The period of one device, as observed. */
export interface PeriodEstimate {
  /** Undefined before the second reading of a run. */
  readonly ms: number | undefined;
  /** Takes readings in their order. */
  observe(reading: Reading): void;
}

/** Distances of which the median is taken: an outage or a step of the clock is one of them. */
const DISTANCES = 9;

/**
 * Measures the times of the readings, not their arrival, so that a backlog does not look like a faster device. Readings that
 * did not arrive are counted by their sequence numbers. Another run of the agent may have another period.
 */
export function createPeriodEstimate(): PeriodEstimate {
  let last: Reading | undefined;
  let run: string | undefined;
  let distances: number[] = [];
  let ms: number | undefined;

  return {
    get ms() {
      return ms;
    },
    observe(reading) {
      const before = last;
      last = reading;
      if (before?.run !== reading.run) return;
      const distance = (reading.takenAt - before.takenAt) / (reading.seq - before.seq);
      // The clock was set back.
      if (distance <= 0) return;
      distances = [...(run === reading.run ? distances : []), distance].slice(-DISTANCES);
      run = reading.run;
      ms = Math.round(median(distances));
    },
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Readings that come more often are shown as if they came once in this time, ms. */
const SHORTEST_PERIOD_MS = 1_000;
/** While the period is not known, ms. */
const ASSUMED_PERIOD_MS = 30_000;

/** Longest age of a reading that is present, ms: two periods. */
export function longestAgeMs(periodMs: number | undefined): number {
  return 2 * Math.max(SHORTEST_PERIOD_MS, periodMs ?? ASSUMED_PERIOD_MS);
}
