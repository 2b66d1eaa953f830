import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { type Bus, type BusDeps, openBus } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { variant } from "../dbus/value.ts";
import { ADAPTER, BLUEZ, DEVICE, PROPERTIES } from "./names.ts";
import type { ObjectCache } from "./object-cache.ts";
import type { Path } from "./objects.ts";

export interface DiscoveryTimes {
  readonly startMs: number;
  readonly stopMs: number;
  /** Before another attempt; up to half as long again. */
  readonly retryMs: number;
}

export const DISCOVERY_TIMES: DiscoveryTimes = { startMs: 2_500, stopMs: 1_500, retryMs: 400 };

export interface DiscoveryDeps extends BusDeps {
  readonly busAddress: string;
  /** The only device whose advertisements are asked for; all where undefined. */
  readonly sought: Path | undefined;
  readonly cache: ObjectCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: DiscoveryTimes;
}

/** A discovery that runs in bluetoothd on behalf of this process. */
export interface Discovery {
  /** Never throws. */
  stop(): Promise<void>;
}

const ATTEMPTS = 3;

/**
 * Discovers on a message bus connection of its own: a StartDiscovery that meets another client's start in progress is
 * never answered (BlueZ 5.66), StopDiscovery reports InProgress from then on, and only closing the connection ends that.
 * Only this connection subscribes to advertisements, so that no idle process is woken by them. bluetoothd's own filter for
 * one device (`Pattern`) is not used: what one process's discovery receives, all processes see.
 * @throws {BusError}
 */
export async function startDiscovery(adapter: Path, deps: DiscoveryDeps): Promise<Discovery> {
  const { clock, log, times } = deps;
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(adapter, deps);
    } catch (error) {
      if (attempt === ATTEMPTS || !(isUnanswered(error) || isInProgress(error))) throw error;
      log.debug(`StartDiscovery: ${(error as Error).message}`);
      await clock.sleep(times.retryMs * (1 + Math.random() / 2));
    }
  }
}

async function open(
  adapter: Path,
  { busAddress, sought, cache, log, ignored, times }: DiscoveryDeps,
): Promise<Discovery> {
  const bus = await openBus({ address: busAddress, service: BLUEZ }, { ignored });
  try {
    bus.onSignal(cache.apply);
    const ofSought = sought ? `,path='${sought}'` : "";
    const filter = { Transport: variant("s", "le"), DuplicateData: variant("b", true) };
    // Sent at once and taken in this order: a wait for each answer would wake this process once more.
    await Promise.all([
      bus.match(`type='signal',sender='${BLUEZ}',interface='${PROPERTIES}',arg0='${DEVICE}'${ofSought}`),
      callAdapter(bus, adapter, "SetDiscoveryFilter", times.startMs, "a{sv}", [filter]),
      callAdapter(bus, adapter, "StartDiscovery", times.startMs).catch((error: unknown) => {
        // The answer may be missing although bluetoothd scans for us.
        const isDiscovering = cache.objects.adapters().some(({ path, discovering }) => path === adapter && discovering);
        if (!(isUnanswered(error) && isDiscovering)) throw error;
      }),
    ]);
  } catch (error) {
    bus.close();
    throw error;
  }
  return {
    async stop() {
      await callAdapter(bus, adapter, "StopDiscovery", times.stopMs).catch((error: Error) =>
        log.debug(`StopDiscovery: ${error.message}`),
      );
      bus.close();
    },
  };
}

function callAdapter(bus: Bus, path: Path, member: string, limitMs: number, signature = "", body: unknown[] = []) {
  return bus.call({ path, interface: ADAPTER, member, signature, body, limitMs });
}

function isUnanswered(error: unknown): boolean {
  return error instanceof BusError && error.error === "bus.timeout";
}

function isInProgress(error: unknown): boolean {
  return error instanceof BusError && error.error.endsWith(".InProgress");
}
