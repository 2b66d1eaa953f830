import type { FeedView } from "../model/views.ts";
import type { Moment } from "./moment.ts";

/** The state of the connection to the feed. */
export interface FeedState {
  is(state: "connected" | "away", at: Moment): void;
  /** A new reading has come. `meters`: as they were before it. */
  received(at: Moment, meters: Iterable<Expected>): void;
  view(uptimeMs: number, meters: Iterable<Expected>): FeedView;
}

/** A meter as the feed sees it, ms of the uptime clock. */
export interface Expected {
  readonly lastArrivalMs: number;
  /** Longest time between two readings of a meter that works. */
  readonly longestAgeMs: number;
}

/** Starts away. */
export function createFeedState(start: Moment): FeedState {
  let connected: Moment | undefined;
  let changedAt = start.wallMs;
  let lastAt = start.wallMs;

  /** True once each meter is overdue, counted from the connection at the earliest. */
  function isSilent(uptimeMs: number, meters: Iterable<Expected>) {
    const from = connected?.uptimeMs ?? 0;
    let expectedMs = Number.NEGATIVE_INFINITY;
    for (const { lastArrivalMs, longestAgeMs } of meters) {
      expectedMs = Math.max(expectedMs, Math.max(from, lastArrivalMs) + longestAgeMs);
    }
    return Number.isFinite(expectedMs) && uptimeMs > expectedMs;
  }

  return {
    is(state, at) {
      if ((connected !== undefined) === (state === "connected")) return;
      connected = state === "connected" ? at : undefined;
      changedAt = at.wallMs;
      lastAt = at.wallMs;
    },
    received({ wallMs, uptimeMs }, meters) {
      if (connected && isSilent(uptimeMs, meters)) changedAt = wallMs;
      lastAt = wallMs;
    },
    view(uptimeMs, meters) {
      if (!connected) return { state: "away", since: changedAt };
      return isSilent(uptimeMs, meters) ? { state: "silent", since: lastAt } : { state: "live", since: changedAt };
    },
  };
}
