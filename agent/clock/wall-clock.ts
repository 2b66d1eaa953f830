import type { Clock } from "../../common/runtime/clock.ts";

/**
 * A smaller change against the uptime is followed silently: the uptime may miss a short sleep of the machine. Time services
 * step the clock rarely, and slew it by less than this; slewing moves both clocks and is no change at all.
 */
export const STEP_MS = 2_500;

/** The wall clock as seen from the uptime, which nobody can set. */
export interface WallClock {
  /** Distance of the wall clock ahead of the uptime at the last look, ms. */
  readonly offsetMs: number;
  /** Looks at both clocks. Returns by how much the wall clock was set since the last look, ms; 0 if it was not. */
  look(): number;
}

export function watchWallClock(clock: Pick<Clock, "now" | "uptime">): WallClock {
  let offsetMs = readOffset(clock);
  return {
    get offsetMs() {
      return offsetMs;
    },
    look() {
      const before = offsetMs;
      offsetMs = readOffset(clock);
      const stepMs = offsetMs - before;
      return Math.abs(stepMs) < STEP_MS ? 0 : stepMs;
    },
  };
}

/** The process may be paused between two readings of a clock. */
const PAUSE_MS = 5;
const MOST_TRIES = 5;

function readOffset(clock: Pick<Clock, "now" | "uptime">): number {
  for (let tries = 1; ; tries += 1) {
    const before = clock.uptime();
    const nowMs = clock.now();
    const after = clock.uptime();
    if (after - before < PAUSE_MS || tries === MOST_TRIES) return nowMs - (before + after) / 2;
  }
}

const UNITS: readonly [name: string, ms: number][] = [
  ["years", 365.25 * 86_400_000],
  ["days", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** A step for the log: `forward by 10 years`, `back by 5 s`. */
export function describeStep(stepMs: number): string {
  const size = Math.abs(stepMs);
  const [name, ms] = UNITS.find(([, unitMs]) => size >= 2 * unitMs || (size >= unitMs && unitMs <= 3_600_000)) ?? [
    "s",
    1_000,
  ];
  return `${stepMs < 0 ? "back" : "forward"} by ${Number((size / ms).toFixed(1))} ${name}`;
}
