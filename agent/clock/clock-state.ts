import { isPossibleTime } from "../../common/model/reading.ts";
import type { ClockState } from "../../common/model/status.ts";

/** Everything known about the wall clock. */
export interface ClockEvidence {
  /** Its time, ms since the Unix epoch. */
  readonly wallMs: number;
  /** Since boot. */
  readonly uptimeMs: number;
  /** The kernel's own account: a time service has set the clock and keeps it. Undefined where nobody may ask. */
  readonly isSynchronised: boolean | undefined;
  /** systemd-timesyncd has set the clock since boot. */
  readonly isMarked: boolean;
  /** The time of the real-time clock from which the kernel set the wall clock at boot. Undefined where there is none. */
  readonly rtcMs: number | undefined;
}

/** A time service has set the clock by then, or there is none. */
export const MAX_WAIT_MS = 120_000;
/** A real-time clock may keep local time; one that has lost its battery is years away from the wall clock. */
const RTC_MAY_DIFFER_MS = 86_400_000;

/** Decides how far the wall clock is to be trusted. `maxWaitMs` after boot an unconfirmed clock is used as it is. */
export function clockState(evidence: ClockEvidence, maxWaitMs = MAX_WAIT_MS): ClockState {
  const { wallMs, uptimeMs, isSynchronised, isMarked, rtcMs } = evidence;
  if (!isPossibleTime(wallMs)) return "impossible";
  if (isSynchronised || isMarked || isConfirmedByRtc(wallMs, rtcMs)) return "confirmed";
  return uptimeMs < maxWaitMs ? "waiting" : "unconfirmed";
}

/** At boot systemd moves a clock that is earlier than its own release to that day, and away from the real-time clock. */
function isConfirmedByRtc(wallMs: number, rtcMs: number | undefined): boolean {
  return rtcMs !== undefined && isPossibleTime(rtcMs) && Math.abs(rtcMs - wallMs) < RTC_MAY_DIFFER_MS;
}
