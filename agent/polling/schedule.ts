import type { Clock } from "../../common/runtime/clock.ts";

/** Moments to poll at: start + n × period, however long the answers take. */
export interface Schedule {
  /** The next moment, ms of the monotonic clock. It is in the past if the present period has no answer yet. */
  next(): number;
  /** Marks the present period as answered. */
  answered(): void;
}

/** The first period begins with the first call. A missed period is not made up for. */
export function steadySchedule(periodMs: number, clock: Clock): Schedule {
  let startMs: number | undefined;
  let lastAnswered = -1;
  const present = () => {
    startMs ??= clock.monotonic();
    return Math.floor((clock.monotonic() - startMs) / periodMs);
  };
  return {
    next() {
      const period = Math.max(lastAnswered + 1, present());
      return (startMs ?? 0) + period * periodMs;
    },
    answered() {
      // A timer may wake a moment before its period begins: at least the period after the last.
      lastAnswered = Math.max(lastAnswered + 1, present());
    },
  };
}
