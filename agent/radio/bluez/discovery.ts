import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../../common/runtime/log.ts";
import { type Bus, openBus } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { variant } from "../dbus/dbus-next.ts";
import { ADAPTER, BLUEZ, DEVICE, PROPERTIES } from "./names.ts";
import type { Mirror } from "./object-cache.ts";
import type { Path } from "./objects.ts";

/**
 * Scanning, on a message bus connection of its own: a StartDiscovery that meets another client's start in progress is
 * never answered (BlueZ 5.66), StopDiscovery says InProgress from then on, and only closing the connection gets out.
 * The advertisements of all devices are told on this connection alone, so that nobody else is woken for them.
 */
export interface Discovery {
  /** @throws {BusError} */
  start(adapter: Path): Promise<void>;
  /** Never throws. */
  stop(): Promise<void>;
}

export interface DiscoveryTimes {
  readonly startMs: number;
  readonly stopMs: number;
  /** Before another try; up to half as long again. */
  readonly retryMs: number;
}

const TIMES: DiscoveryTimes = { startMs: 2_500, stopMs: 1_500, retryMs: 400 };
const TRIES = 3;

export function createDiscovery(
  busAddress: string,
  mirror: Mirror,
  log: Log,
  times: Partial<DiscoveryTimes> = {},
): Discovery {
  const { startMs, stopMs, retryMs } = { ...TIMES, ...times };
  let scanning: { readonly bus: Bus; readonly adapter: Path } | undefined;

  async function open(adapter: Path): Promise<Bus> {
    const bus = await openBus(busAddress);
    try {
      bus.onSignal(mirror.take);
      await bus.match(`type='signal',sender='${BLUEZ}',interface='${PROPERTIES}',arg0='${DEVICE}'`);
      const call = (member: string, signature: string, body: unknown[], limitMs: number) =>
        bus.call({ destination: BLUEZ, path: adapter, interface: ADAPTER, member, signature, body, limitMs });
      const filter = { Transport: variant("s", "le"), DuplicateData: variant("b", true) };
      await call("SetDiscoveryFilter", "a{sv}", [filter], startMs);
      await call("StartDiscovery", "", [], startMs).catch((error: unknown) => {
        // The answer may be missing although bluetoothd scans and has us on its list.
        if (!isUnanswered(error) || !isDiscovering(adapter)) throw error;
      });
      return bus;
    } catch (error) {
      bus.close();
      throw error;
    }
  }
  const isDiscovering = (adapter: Path) =>
    mirror.objects.adapters().some((one) => one.path === adapter && one.discovering);

  async function stop() {
    const stopped = scanning;
    scanning = undefined;
    if (!stopped) return;
    const { bus, adapter } = stopped;
    const request = { destination: BLUEZ, path: adapter, interface: ADAPTER, member: "StopDiscovery", limitMs: stopMs };
    await bus.call(request).catch((error: Error) => log.debug(`StopDiscovery: ${error.message}`));
    bus.close();
  }

  return {
    async start(adapter) {
      await stop();
      for (let tries = 1; ; tries++) {
        try {
          scanning = { bus: await open(adapter), adapter };
          return;
        } catch (error) {
          if (tries === TRIES || !(isUnanswered(error) || isInProgress(error))) throw error;
          log.debug(`StartDiscovery: ${(error as Error).message}`);
          await delay(retryMs * (1 + Math.random() / 2));
        }
      }
    },
    stop,
  };
}

function isUnanswered(error: unknown): boolean {
  return error instanceof BusError && error.error === "bus.timeout";
}

function isInProgress(error: unknown): boolean {
  return error instanceof BusError && error.error.endsWith(".InProgress");
}
