import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { openNotifySocket, type SendNotice } from "./notify-socket.ts";

/** What we tell the service manager (sd_notify(3)). Where none asked, each of these does nothing. */
export interface Notify {
  /** From now on the program does its work. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(line: string): void;
  /**
   * Something was finished: an answer, a failed poll, a decision to wait. Unless the next is finished within
   * `nextWithinMs`, the program counts as stuck and the watchdog ends it.
   */
  progress(nextWithinMs: number): void;
  /** The program has been told to end. */
  stopping(): void;
}

export const silentNotify: Notify = { ready() {}, status() {}, progress() {}, stopping() {} };

/** The environment of a service as systemd makes it. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  /** How long the watchdog waits for a sign of life, in microseconds. */
  readonly WATCHDOG_USEC?: string | undefined;
}

/** Never fails: a service that cannot report is still a service, and the log says what to do. */
export async function connectNotify(environment: NotifyEnvironment, clock: Clock, log: Log): Promise<Notify> {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC } = environment;
  if (!path) return silentNotify;
  try {
    const send = await openNotifySocket(path);
    return createNotify(sayingOnce(send, log), Number(WATCHDOG_USEC ?? 0) / 1000, clock);
  } catch (error) {
    log.warn(
      `cannot report to systemd (${(error as Error).message}): reinstall the package, or set Type=exec and ` +
        "WatchdogSec=0 in a drop-in for this unit",
    );
    return silentNotify;
  }
}

/** A message that is lost must not end the program; the first one is logged. */
function sayingOnce(send: SendNotice, log: Log): SendNotice {
  let said = false;
  return (message) => {
    try {
      send(message);
    } catch (error) {
      if (!said) log.warn(`systemd does not hear us: ${(error as Error).message}`);
      said = true;
    }
  };
}

/**
 * `watchdogMs` is 0 where nobody watches. Between two signs of progress the watchdog is fed as long as the next one is
 * not overdue, so that a poll every hour is no failure and a promise that never settles is one.
 */
export function createNotify(send: SendNotice, watchdogMs: number, clock: Clock): Notify {
  const stopped = new AbortController();
  const feedEveryMs = watchdogMs / 4;
  let lastStatus = "";
  let overdueAt = Number.NEGATIVE_INFINITY;
  let fedAt = Number.NEGATIVE_INFINITY;
  let feeding = false;

  function feed() {
    if (clock.monotonic() - fedAt < feedEveryMs / 2) return;
    fedAt = clock.monotonic();
    send("WATCHDOG=1");
  }
  async function keepFeeding() {
    while (clock.monotonic() < overdueAt) {
      feed();
      await clock.sleep(feedEveryMs, stopped.signal);
    }
    feeding = false;
  }
  return {
    ready: () => send("READY=1"),
    status(line) {
      if (line === lastStatus) return;
      lastStatus = line;
      send(`STATUS=${line.replaceAll("\n", " ")}`);
    },
    progress(nextWithinMs) {
      if (watchdogMs === 0 || stopped.signal.aborted) return;
      overdueAt = clock.monotonic() + nextWithinMs;
      if (feeding) return feed();
      feeding = true;
      keepFeeding().catch(() => {});
    },
    stopping() {
      stopped.abort();
      send("STOPPING=1");
    },
  };
}
