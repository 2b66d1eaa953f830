import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * How fast a program that keeps dying may be started again. systemd before 254 restarts at one pace for ever, and later
 * ones that slow down never become fast again, even after months without a fault; so each run counts the ones before it.
 */
export interface RestartPace {
  /** How many runs before this one died within GOOD_RUN_MS. */
  readonly died: number;
  /** How long this run should wait before it does anything. */
  readonly delayMs: number;
  /** This run was ended in order: the next one need not wait. */
  forget(): void;
}

/** A run that lived as long as this was a good one, whatever ended it. */
export const GOOD_RUN_MS = 10 * 60_000;
const FREE_RESTARTS = 3;
const MAX_DELAY_MS = 60_000;

/** 0 for the first few, then doubling. */
export function restartDelayMs(died: number): number {
  return died <= FREE_RESTARTS ? 0 : Math.min(MAX_DELAY_MS, 2000 * 2 ** (died - FREE_RESTARTS));
}

/**
 * Counts this run in `folder`, which has to outlive the run but not the machine's (systemd's RuntimeDirectory).
 * `sinceBootMs` must be the same clock for every run.
 */
export function countRestart(folder: string | undefined, sinceBootMs: number): RestartPace {
  if (!folder) return { died: 0, delayMs: 0, forget() {} };
  const file = join(folder, "restarts");
  const before = readRun(file);
  const died = before && sinceBootMs - before.startedMs < GOOD_RUN_MS ? before.died + 1 : 0;
  try {
    writeFileSync(file, `${died} ${Math.round(sinceBootMs)}\n`);
  } catch {
    // A folder that cannot be written costs the pace only.
  }
  return { died, delayMs: restartDelayMs(died), forget: () => rmSync(file, { force: true }) };
}

function readRun(file: string): { died: number; startedMs: number } | undefined {
  try {
    const found = /^(\d{1,6}) (\d{1,15})\n$/.exec(readFileSync(file, "latin1"));
    return found ? { died: Number(found[1]), startedMs: Number(found[2]) } : undefined;
  } catch {
    return undefined;
  }
}
