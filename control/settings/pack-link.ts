import type { DeviceSession, SettingsSession } from "../../agent/drivers/device-session.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";

/** A pack on a link of its own. */
export interface PackConnection extends Pick<DeviceSession, "poll"> {
  readonly settings: SettingsSession;
  readonly link: { readonly lost: AbortSignal };
  close(): Promise<void>;
}

/** A pack that is reached again after its link was lost. */
export interface PackLink {
  /** The present link, or a new one. @throws {RadioError} {FrameError} */
  connection(): Promise<PackConnection>;
  /** Ends the link. Never throws. */
  close(): Promise<void>;
}

export function openPackLink(connect: () => Promise<PackConnection>): PackLink {
  let current: PackConnection | undefined;
  const close = async () => {
    const ended = current;
    current = undefined;
    await ended?.close();
  };
  return {
    close,
    async connection() {
      if (current && !current.link.lost.aborted) return current;
      await close();
      current = await connect();
      return current;
    },
  };
}

/** Pauses between attempts to reach a pack whose link was lost, ms: a minute in all, connecting not included. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

/**
 * Runs `work` on the pack, again on a new link as long as the radio fails. `work` must be safe to repeat.
 * @throws {RadioError} the last failure
 */
export async function persistently<T>(
  { link, clock, log }: { readonly link: PackLink; readonly clock: Clock; readonly log: Log },
  work: (connection: PackConnection) => Promise<T>,
): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await work(await link.connection());
    } catch (error) {
      if (!(error instanceof RadioError)) throw error;
      log.warn(`${error.message}; connecting again in ${pauseMs / 1000} s`);
      await link.close();
      await clock.sleep(pauseMs);
    }
  }
  return await work(await link.connection());
}
