import { existsSync } from "node:fs";
import { uptime } from "node:os";

/** Created by systemd-timesyncd once it has set the clock after boot (systemd-timesyncd.service(8)). */
const SYNCHRONIZED = "/run/systemd/timesync/synchronized";
/** After boot. Later the clock is trusted in any case: another program may set it, or none. */
const MAX_WAIT_MS = 120_000;

/** True once the wall clock is synchronised, or has had the time for it. */
export function isClockSet(uptimeMs = uptime() * 1000, exists: (path: string) => boolean = existsSync): boolean {
  return uptimeMs >= MAX_WAIT_MS || exists(SYNCHRONIZED);
}
