import { deathsOf, type Incident, type Trouble, troublesOf } from "./story.ts";

/** What the README promises, as times in ms. */
export interface Promises {
  /** From the writing of a reading until it is settled, while all is well. */
  readonly settledWithinMs: number;
  /** How long a reading may wait for acceptance until it is on disk. */
  readonly spooledWithinMs: number;
  /** How long a Telegraf that reads nothing is written to before readings wait. */
  readonly stuckWithinMs: number;
}

/** An agent, and a reading of it that is not in the database. */
export interface Missing {
  readonly meter: string;
  /** Whether each reading goes to the disk at once. */
  readonly spoolsAlways: boolean;
  /** When it was taken, ms since the Unix epoch. */
  readonly at: number;
  /** When the agent's next reading was taken; Infinity where there is none. */
  readonly nextAt: number;
}

/** The parts that a reading passes on its way to the database. */
const DOWNSTREAM = ["aggregator", "telegraf"];
/** Clocks of several processes on a busy machine agree within this, ms. */
const TOLERANCE_MS = 300;

/** Why a reading is missing, in the words of the README. */
export interface Excuse {
  /** The end of its agent. */
  readonly death: Trouble;
  /** In the hand: taken and not yet handed over, which may be said of one reading for each end. */
  readonly why: "in the hand" | "unsettled";
}

/** Undefined where nothing excuses it. */
export function excuseFor(missing: Missing, story: readonly Incident[], promises: Promises): Excuse | undefined {
  const death = deathsOf(story, missing.meter).find(({ from }) => from >= missing.at - TOLERANCE_MS);
  if (death?.how !== "killed") return undefined;
  if (!missing.spoolsAlways && isUnsettled(missing.at, death.from, story, promises)) return { death, why: "unsettled" };
  return missing.nextAt > death.from - TOLERANCE_MS ? { death, why: "in the hand" } : undefined;
}

/** Whether a reading may have been neither settled nor on disk when its agent died. */
function isUnsettled(at: number, diedAt: number, story: readonly Incident[], promises: Promises): boolean {
  const { settledWithinMs, spooledWithinMs, stuckWithinMs } = promises;
  const troubles = DOWNSTREAM.flatMap((who) => troublesOf(story, who))
    .filter(({ from, to }) => to > at - settledWithinMs && from < diedAt + settledWithinMs)
    .sort((a, b) => a.from - b.from);
  if (troubles.length === 0) return false;
  let quietFrom = at;
  for (const { from, to, who, how } of [...troubles, NEVER]) {
    if (Math.min(from, diedAt) - quietFrom > settledWithinMs) return false;
    quietFrom = Math.max(quietFrom, to);
    const canBeStuck = who === "telegraf" && how === "frozen";
    const copiedFrom = from + spooledWithinMs + (canBeStuck ? stuckWithinMs : 0);
    if (copiedFrom < Math.min(to, diedAt) && to > at) return false;
  }
  return true;
}

const NEVER: Trouble = { who: "", how: "killed", from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
