import { endsOf, type Outage, outagesOf, type TimelineEvent } from "./timeline.ts";

/** The limits that docs/delivery.md states, ms. */
export interface Limits {
  /** From a reading until it is settled, while everything works. */
  readonly settledWithinMs: number;
  /** From a reading until it is on disk, while it is not accepted. */
  readonly spooledWithinMs: number;
  /** Time for which a Telegraf that reads nothing is written to before readings wait for it. */
  readonly stuckWithinMs: number;
}

/** A reading that is not in the database, and its agent. */
export interface Missing {
  readonly meter: string;
  /** True if the agent writes each reading to the disk immediately. */
  readonly spoolsAlways: boolean;
  /** Time of the reading, ms since the Unix epoch. */
  readonly at: number;
  /** Time of the agent's next reading; Infinity where there is none. */
  readonly nextAt: number;
}

/** The components that a reading passes on its way to the database. */
const DOWNSTREAM = ["aggregator", "telegraf"];
/** Timestamps of several processes on a busy machine agree within this. */
const TOLERANCE_MS = 300;

/** The reason for which docs/delivery.md allows the loss of a reading. */
export interface AllowedLoss {
  /** The kill of its agent. */
  readonly kill: Outage;
  /** In flight: taken and not yet in the outbox, which is allowed for one reading per kill. */
  readonly why: "in flight" | "unsettled";
}

/** The reason for which the loss is allowed; undefined where it is not. */
export function allowedLoss(
  missing: Missing,
  timeline: readonly TimelineEvent[],
  limits: Limits,
): AllowedLoss | undefined {
  const kill = endsOf(timeline, missing.meter).find(({ from }) => from >= missing.at - TOLERANCE_MS);
  if (kill?.how !== "killed") return undefined;
  if (!missing.spoolsAlways && isUnsettled(missing.at, kill.from, timeline, limits)) return { kill, why: "unsettled" };
  return missing.nextAt > kill.from - TOLERANCE_MS ? { kill, why: "in flight" } : undefined;
}

/** True if a reading may have been neither settled nor on disk when its agent was killed. */
function isUnsettled(at: number, killedAt: number, timeline: readonly TimelineEvent[], limits: Limits): boolean {
  const { settledWithinMs, spooledWithinMs, stuckWithinMs } = limits;
  const outages = DOWNSTREAM.flatMap((component) => outagesOf(timeline, component))
    .filter(({ from, to }) => to > at - settledWithinMs && from < killedAt + settledWithinMs)
    .sort((a, b) => a.from - b.from);
  if (outages.length === 0) return false;
  let quietFrom = at;
  for (const { from, to, component, how } of [...outages, NEVER]) {
    if (Math.min(from, killedAt) - quietFrom > settledWithinMs) return false;
    quietFrom = Math.max(quietFrom, to);
    const canBeStuck = component === "telegraf" && how === "frozen";
    const copiedFrom = from + spooledWithinMs + (canBeStuck ? stuckWithinMs : 0);
    if (copiedFrom < Math.min(to, killedAt) && to > at) return false;
  }
  return true;
}

const NEVER: Outage = { component: "", how: "killed", from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
