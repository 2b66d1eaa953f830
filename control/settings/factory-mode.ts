import { FrameError } from "../../agent/codec/frame-error.ts";
import type { SettingsSession } from "../../agent/drivers/device-session.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type PackConnection, type PackLink, persistently } from "./pack-link.ts";
import { SettingsError } from "./settings-error.ts";

export interface FactoryModeDeps {
  readonly link: PackLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Set before the mode is entered, and cleared once the pack has confirmed that it was left. */
  readonly marker: Marker;
}

/** A note for the next start of the agent, which leaves the mode before its first poll. */
export interface Marker {
  set(): void;
  clear(): void;
}

/** Only readable in factory mode (vendor's app: refused with 81 outside). Each JBD board has it: cell over-voltage. */
const PROBE = 0x24;
/** A board that goes on answering after this many confirmations answers outside of factory mode as well, like UP16S. */
const LEAVE_ATTEMPTS = 3;

/**
 * Runs `work` in factory mode, which is left on every way out: with the present link, or with a new one. Where the pack
 * cannot be reached any more, the marker stays. With `commit` a success is stored; a failure never is.
 */
export async function inFactoryMode<T>(
  { commit }: { readonly commit: boolean },
  deps: FactoryModeDeps,
  work: (connection: PackConnection) => Promise<T>,
): Promise<T> {
  deps.marker.set();
  let isLeft = false;
  try {
    const connection = await deps.link.connection();
    await connection.settings.enter();
    const result = await work(connection);
    if (commit) {
      await storeAndLeave(connection.settings);
      isLeft = true;
      deps.marker.clear();
    }
    return result;
  } finally {
    if (!isLeft) await leaveFactoryMode(deps);
  }
}

/** Leaves and stores. @throws {SettingsError} if the pack goes on answering for its parameters @throws {FrameError} {RadioError} */
export async function storeAndLeave(settings: SettingsSession): Promise<void> {
  await settings.leave({ commit: true });
  if (await isOutside(settings)) return;
  throw new SettingsError("the pack acknowledged that it stores its parameters, and did not do it");
}

/** Leaves without storing. Never throws: a failure is logged, and the next start of the agent tries again. */
export async function leaveFactoryMode(deps: FactoryModeDeps): Promise<void> {
  const { log, marker } = deps;
  try {
    const isLeft = await persistently(deps, ({ settings }) => leave(settings));
    if (isLeft) marker.clear();
    else log.info("the pack does not confirm that factory mode was left");
  } catch (error) {
    log.error(
      `the pack may still be in factory mode (${(error as Error).message}); its agent leaves it as soon as it connects, and so does the next bmsctl settings`,
    );
  }
}

/**
 * True when a parameter is refused: an acknowledgement is no proof here either, unless it was repeated. @throws {RadioError}
 */
async function leave(settings: SettingsSession): Promise<boolean> {
  let confirmations = 0;
  for (let attempt = 0; attempt < LEAVE_ATTEMPTS; attempt++) {
    if (await isConfirmed(settings.leave({ commit: false }))) confirmations++;
    if (await isOutside(settings)) return true;
  }
  return confirmations === LEAVE_ATTEMPTS;
}

async function isConfirmed(leaving: Promise<void>): Promise<boolean> {
  try {
    await leaving;
    return true;
  } catch (error) {
    if (error instanceof FrameError) return false;
    throw error;
  }
}

/** True when a parameter is refused, as it is outside of factory mode. @throws {RadioError} */
async function isOutside(settings: SettingsSession): Promise<boolean> {
  try {
    await settings.read(PROBE);
    return false;
  } catch (error) {
    if (error instanceof FrameError) return error.fault === "refused";
    throw error;
  }
}
