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
/** A board that goes on answering after this many confirmations answers outside of factory mode as well. */
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
      await connection.settings.leave({ commit });
      isLeft = await isOutside(connection.settings);
      if (!isLeft) throw new SettingsError("the pack acknowledged that it stores its parameters, and did not do it");
      deps.marker.clear();
    }
    return result;
  } finally {
    if (!isLeft) await leaveFactoryMode(deps);
  }
}

/** Leaves without storing. Never throws: a failure is logged, and the next start of the agent tries again. */
export async function leaveFactoryMode(deps: FactoryModeDeps): Promise<void> {
  const { log, marker } = deps;
  try {
    const isLeft = await persistently(deps, ({ settings }) => leave(settings));
    if (isLeft) marker.clear();
    else log.info("the pack goes on answering for its parameters after factory mode was left");
  } catch (error) {
    log.error(
      `the pack may still be in factory mode (${(error as Error).message}); its agent leaves it as soon as it connects, and so does the next bmsctl settings`,
    );
  }
}

/** An acknowledgement is no proof here either. @throws {RadioError} */
async function leave(settings: SettingsSession): Promise<boolean> {
  for (let attempt = 0; attempt < LEAVE_ATTEMPTS; attempt++) {
    await settings.leave({ commit: false }).catch(unlessFrameError);
    if (await isOutside(settings)) return true;
  }
  return false;
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

function unlessFrameError(error: unknown): void {
  if (!(error instanceof FrameError)) throw error;
}
