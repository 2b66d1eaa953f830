import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Libc, LibcResult } from "../../common/runtime/libc.ts";
import type { ClockEvidence } from "./clock-state.ts";

export interface EvidenceSources {
  readonly clock: Pick<Clock, "now" | "uptime">;
  readonly loadLibc: () => Promise<LibcResult<Pick<Libc, "clockErrorMs">>>;
  /** Asks a program that may ask the kernel. Undefined where it does not answer. */
  readonly isNtpSynchronised: () => Promise<boolean | undefined>;
  /** Directory that holds `run` and `sys`. */
  readonly root?: string;
}

/** Created by systemd-timesyncd once it has set the clock after boot (systemd-timesyncd.service(8)). */
const TIMESYNCD_MARK = "run/systemd/timesync/synchronized";
const RTC = "sys/class/rtc";
/**
 * The kernel's bound of the error until a time service has set the clock (NTP_PHASE_LIMIT). systemd decides by it as well: the
 * flag STA_UNSYNC may be set only to keep the kernel from writing the real-time clock.
 */
const UNKNOWN_ERROR_MS = 16_000;

/** Collects what this computer knows about its clock, the cheapest first. Never throws. */
export async function readClockEvidence(sources: EvidenceSources): Promise<ClockEvidence> {
  const { clock, isNtpSynchronised, root = "/" } = sources;
  const isMarked = existsSync(join(root, TIMESYNCD_MARK));
  const rtcMs = rtcOfBoot(join(root, RTC));
  let isSynchronised = await askKernel(sources);
  if (isSynchronised === undefined && !isMarked) isSynchronised = await isNtpSynchronised();
  return { wallMs: clock.now(), uptimeMs: clock.uptime(), isSynchronised, isMarked, rtcMs };
}

/** Undefined where the kernel does not answer: a systemd unit with `ProtectClock=`. */
async function askKernel({ loadLibc }: EvidenceSources): Promise<boolean | undefined> {
  const libc = await loadLibc();
  if ("failure" in libc) return undefined;
  const errorMs = libc.value.clockErrorMs();
  return "failure" in errorMs ? undefined : errorMs.value < UNKNOWN_ERROR_MS;
}

/** The present time of the real-time clock that the kernel read at boot, ms since the Unix epoch. */
function rtcOfBoot(folder: string): number | undefined {
  try {
    const used = readdirSync(folder).find((name) => readText(join(folder, name, "hctosys")) === "1");
    return used === undefined ? undefined : Number(readText(join(folder, used, "since_epoch"))) * 1000;
  } catch {
    return undefined;
  }
}

const readText = (path: string) => readFileSync(path, "utf8").trim();

/** Files that container engines and systemd leave in a container, whose clock is its host's: waiting changes nothing. */
const CONTAINER_MARKS = [".dockerenv", "run/.containerenv", "run/systemd/container"];

export function isContainer(env: { readonly container?: string | undefined }, root = "/"): boolean {
  return Boolean(env.container) || CONTAINER_MARKS.some((path) => existsSync(join(root, path)));
}
