import { uptime } from "node:os";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { connectNotify, type Notify } from "./notify.ts";
import { countRestart } from "./restart-delay.ts";

/** A run under a service manager. Without one, everything here does nothing. */
export interface Service extends Notify {
  /** The run ends in order: the next one may begin at once. */
  leave(): void;
}

/**
 * Tells the service manager of this run and, where the runs before it died young, waits a while.
 * @throws the reason of `stop`, where it aborts meanwhile
 */
export async function enterService(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  log: Log,
  stop: AbortSignal,
): Promise<Service> {
  const notify = await connectNotify(env, clock, log);
  stop.addEventListener("abort", () => notify.stopping(), { once: true });
  const pace = countRestart(env.NOTIFY_SOCKET && env.RUNTIME_DIRECTORY, uptime() * 1000);
  if (pace.delayMs > 0) {
    const waiting = `waiting ${pace.delayMs / 1000} s: the last ${pace.died} runs ended within ten minutes`;
    log.warn(waiting);
    notify.status(waiting);
    try {
      await clock.sleep(pace.delayMs, stop);
    } catch (error) {
      pace.forget();
      throw error;
    }
  }
  return { ...notify, leave: pace.forget };
}
