import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClockStep } from "../../support/proof/clock-steps.ts";

/** A wall clock of agents that can be stepped without stepping that of the machine. */
export interface ShiftedClock {
  /** Environment of a program that has this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** How far it is ahead of the machine's clock, ms. */
  readonly shiftMs: number;
  readonly steps: readonly ClockStep[];
  step(byMs: number): void;
}

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
    get shiftMs() {
      return shiftMs;
    },
    steps,
    step(byMs) {
      shiftMs += byMs;
      write();
      steps.push({ at: Date.now(), shiftMs });
    },
  };
}
