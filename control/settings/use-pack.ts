import { openDevice } from "../../agent/cli/open-device.ts";
import { connectDevice } from "../../agent/polling/connect.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { lendBattery } from "../setup/lending.ts";
import type { Systemd } from "../setup/systemd.ts";
import { openPackLink, type PackConnection, type PackLink } from "./pack-link.ts";
import type { PackTarget } from "./pack-target.ts";
import { SettingsError } from "./settings-error.ts";

export interface UsePackDeps {
  readonly systemd: Systemd;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** Borrows a pack from its service, and gives it back whatever happens. @throws what `work` throws, {RadioError}, … */
export async function usePack<T>(
  target: PackTarget,
  deps: UsePackDeps,
  work: (link: PackLink) => Promise<T>,
): Promise<T> {
  const { systemd, log } = deps;
  if (target.battery === undefined) return withLink(target, deps, work);
  log.info(`bms-agent@${target.battery} lends the pack; until it is given back there are no readings`);
  const lent = await lendBattery(target.battery, systemd);
  try {
    return await withLink(target, deps, work);
  } finally {
    await lent.giveBack().catch((error: Error) => {
      log.error(`bms-agent@${target.battery} could not be started (${error.message}); a timer starts it within 10 min`);
    });
  }
}

async function withLink<T>(
  { name, device }: PackTarget,
  { clock, log, stop }: UsePackDeps,
  work: (link: PackLink) => Promise<T>,
): Promise<T> {
  const opened = await openDevice(device, { clock, log });
  // Ctrl-C ends the wait for the first link. A later one may be needed to put something back.
  const waiting = new AbortController();
  const giveUp = () => waiting.abort(stop.reason);
  stop.addEventListener("abort", giveUp, { once: true });
  const link = openPackLink(async () => {
    waiting.signal.throwIfAborted();
    const { settings, ...connection } = await connectDevice(
      opened.target,
      { radio: opened.radio, clock },
      waiting.signal,
    );
    stop.removeEventListener("abort", giveUp);
    if (settings) return { ...connection, settings } satisfies PackConnection;
    await connection.close();
    throw new SettingsError(`${name} is a ${connection.driver.name} device, whose parameters bmsctl does not know`);
  });
  try {
    stop.throwIfAborted();
    return await work(link);
  } finally {
    stop.removeEventListener("abort", giveUp);
    await link.close();
    await opened.release();
  }
}
