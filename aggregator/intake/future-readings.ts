import { AHEAD_MS } from "../../common/model/reading.ts";
import type { Row } from "../../common/model/row.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";

/** Bound of what is remembered. */
const MAX_METERS = 4096;

/** Readings timed ahead of this machine's clock. They are written all the same. */
export interface FutureReadings {
  /** Checks new readings. Logs when a meter's begin to be ahead, and when they no longer are. */
  check(readings: readonly Row[]): void;
  /** Since the start. */
  readonly count: number;
}

export function watchFutureReadings(clock: Pick<Clock, "now">, log: Log): FutureReadings {
  const ahead = trackProblems(MAX_METERS);
  let count = 0;
  return {
    check(readings) {
      for (const { meter, takenAt } of readings) {
        const aheadMs = takenAt - clock.now();
        if (aheadMs <= AHEAD_MS) {
          if (ahead.end(meter)) log.info(`meter "${meter}": its readings are no longer ahead of the clock`);
          continue;
        }
        count += 1;
        if (ahead.begin(meter)) log.warn(`meter "${meter}": ${messageOf(aheadMs)}`);
      }
    },
    get count() {
      return count;
    },
  };
}

function messageOf(aheadMs: number): string {
  const minutes = Math.round(aheadMs / 60_000);
  return (
    `its readings are timed ${minutes} min ahead of this machine's clock and are written all the same: ` +
    "see timedatectl; a clock was wrong when they were taken, or is wrong now"
  );
}
