import { existsSync } from "node:fs";
import { uptime } from "node:os";

/** Made by systemd-timesyncd once it has set the clock after boot (systemd-timesyncd.service(8)). */
const SYNCHRONIZED = "/run/systemd/timesync/synchronized";
/** After boot, ms: a clock that nobody is known to have set by then is taken as it is. */
const PATIENCE_MS = 120_000;

/** Whether the wall clock is known to be set, or is not going to be. */
export function isClockSet(uptimeMs = uptime() * 1000, exists: (path: string) => boolean = existsSync): boolean {
  return uptimeMs >= PATIENCE_MS || exists(SYNCHRONIZED);
}
