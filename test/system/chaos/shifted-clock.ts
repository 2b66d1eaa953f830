import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClockStep } from "../../support/proof/clock-steps.ts";

/** A wall clock of agents that can be stepped without stepping that of the machine. */
export interface ShiftedClock {
  /** Environment of a program that has this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** From when to when, by this clock, readings have times from now on that none had before, ms since the Unix epoch. */
  newTimes(): readonly [number, number];
  readonly steps: readonly ClockStep[];
  step(byMs: number): void;
}

/** Longer than any recovery, shorter than the steps that a test tells apart by it. */
const WINDOW_MS = 600_000;

export function createShiftedClock(folder: string): ShiftedClock {
  const file = join(folder, "clock-shift");
  const steps: ClockStep[] = [];
  let shiftMs = 0;
  const write = () => {
    writeFileSync(`${file}.new`, `${shiftMs}`);
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    env: { NODE_OPTIONS: `--import ${join(import.meta.dirname, "shifted-clock.mjs")}`, CLOCK_SHIFT_FILE: file },
    newTimes() {
      const from = Date.now() + shiftMs;
      const to = from + WINDOW_MS;
      // The clock may have been here before: before it was set back.
      const before = steps.map(({ at }, i) => at + (steps[i - 1]?.shiftMs ?? 0)).filter((end) => end < to);
      return [Math.max(from, ...before.map((end) => end + 1)), to];
    },
    steps,
    step(byMs) {
      shiftMs += byMs;
      write();
      steps.push({ at: Date.now(), shiftMs });
    },
  };
}
