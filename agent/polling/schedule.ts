import type { Clock } from "../../common/runtime/clock.ts";

/** When to ask: at start + n × period, however long the answers take. */
export interface Schedule {
  /** The moment to ask at, on the monotonic clock; past where the present period has had no answer yet. */
  next(): number;
  /** The present period has had its answer. */
  answered(): void;
}

/** The first period begins with the first call. A period that was missed is not made up for. */
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
