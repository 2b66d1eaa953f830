import { printable } from "../model/printable.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Log, trackProblems } from "../runtime/log.ts";
import { openNotifySocket, type SendNotice } from "./notify-socket.ts";

/** Messages to systemd (sd_notify(3)). Without systemd each of these does nothing. */
export interface Notify {
  /** The program has started. */
  ready(): void;
  /** Sets the line that `systemctl status` shows. */
  status(line: string): void;
  /**
   * Reports that something was finished: an answer, a failed poll, a decision to wait. Unless the next is finished within
   * `nextWithinMs`, the program counts as stuck and the watchdog ends it.
   */
  progress(nextWithinMs: number): void;
  /** The program is ending. */
  stopping(): void;
}

export const silentNotify: Notify = { ready() {}, status() {}, progress() {}, stopping() {} };

/** The environment of a service as systemd sets it. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  /** The time after which the watchdog ends a program that reports no progress, microseconds. */
  readonly WATCHDOG_USEC?: string | undefined;
}

/** Reports `stopping` when `stop` aborts. Never fails: a service that cannot report still works, and the log has the remedy. */
export async function connectNotify(
  environment: NotifyEnvironment,
  stop: AbortSignal,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Notify> {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC } = environment;
  if (!path) return silentNotify;
  try {
    const notify = createNotify(
      logFirstFailure(await openNotifySocket(path), log),
      Number(WATCHDOG_USEC ?? 0) / 1000,
      clock,
    );
    stop.addEventListener("abort", notify.stopping, { once: true });
    return notify;
  } catch (error) {
    log.warn(
      `cannot report to systemd (${(error as Error).message}): reinstall the package, or set Type=exec and ` +
        "WatchdogSec=0 in a drop-in for this unit",
    );
    return silentNotify;
  }
}

/** A message that systemd does not receive must not end the program. The first of a series is logged. */
function logFirstFailure(send: SendNotice, log: Log): (message: string) => boolean {
  const problems = trackProblems();
  return (message) => {
    const failure = send(message);
    if (!failure) problems.end("send");
    else if (problems.begin("send")) log.warn(`systemd receives no reports: ${failure.message}`);
    return !failure;
  };
}

/**
 * `watchdogMs` is 0 without a watchdog. Between two reports of progress the watchdog is fed until the next one is overdue:
 * one poll per hour is fine, and a promise that never resolves is not. What `send` did not deliver goes with the next
 * message, unless something newer has taken its place.
 */
export function createNotify(send: (message: string) => boolean, watchdogMs: number, clock: Clock): Notify {
  const stopped = new AbortController();
  const feedEveryMs = watchdogMs / 4;
  let lastStatus = "";
  let overdueAt = Number.NEGATIVE_INFINITY;
  let fedAt = Number.NEGATIVE_INFINITY;
  let isFeeding = false;
  /** Values of the variables of sd_notify(3). */
  const unsent = new Map<string, string>();

  function report(variable: string, value: string) {
    unsent.set(variable, value);
    if (send([...unsent].map((assignment) => assignment.join("=")).join("\n"))) unsent.clear();
  }
  function feed() {
    if (clock.monotonic() - fedAt < feedEveryMs / 2) return;
    fedAt = clock.monotonic();
    report("WATCHDOG", "1");
  }
  async function keepFeeding() {
    while (clock.monotonic() < overdueAt) {
      feed();
      await clock.sleep(feedEveryMs, stopped.signal);
    }
    isFeeding = false;
  }
  return {
    ready: () => report("READY", "1"),
    status(line) {
      if (line === lastStatus) return;
      lastStatus = line;
      report("STATUS", printable(line.replaceAll("\n", " ")));
    },
    progress(nextWithinMs) {
      if (watchdogMs === 0 || stopped.signal.aborted) return;
      overdueAt = clock.monotonic() + nextWithinMs;
      if (isFeeding) return feed();
      isFeeding = true;
      keepFeeding().catch(() => {});
    },
    stopping() {
      stopped.abort();
      report("STOPPING", "1");
    },
  };
}
