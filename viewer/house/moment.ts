import type { Clock } from "../../common/runtime/clock.ts";

/** One moment by two clocks, ms. */
export interface Moment {
  /** Since the Unix epoch. May be set to any time at any moment. */
  readonly wallMs: number;
  /** Since boot, sleep of the machine included. Never goes back. */
  readonly uptimeMs: number;
}

export function momentOf(clock: Pick<Clock, "now" | "uptime">): Moment {
  return { wallMs: clock.now(), uptimeMs: clock.uptime() };
}
