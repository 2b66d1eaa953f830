import { readdirSync, readFileSync } from "node:fs";

/** In the folder that host and machine share: how long the machine has waited for the host's processor so far. */
export const HOST_WAIT_FILE = "host-wait";

const NS_PER_MS = 1e6;

/**
 * How long the threads of a process have been ready to run without a processor, in ms: the second number of each one's
 * schedstat (Linux: scheduler/sched-stats). 0 where the kernel does not count it.
 */
export function waitedForProcessor(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const waits = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[1]);
    return waits.reduce((sum, nanoseconds) => sum + Number(nanoseconds ?? 0), 0) / NS_PER_MS;
  } catch {
    return 0;
  }
}

/** Fixed in length, so that who reads it while it is written reads digits of one number or the other. */
export function encodeHostWait(ms: number): string {
  return String(Math.round(ms)).padStart(12, "0");
}

export function decodeHostWait(text: string): number {
  return Number(text);
}
