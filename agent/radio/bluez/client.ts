import { backoff } from "../../../common/runtime/backoff.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { type Bus, type BusDeps, type Call, openBus } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { ADAPTER, BLUEZ, OBJECT_MANAGER, PROPERTIES } from "./names.ts";
import type { ObjectCache } from "./object-cache.ts";
import type { Path } from "./objects.ts";

/** The connection to bluetoothd. It is restored after a restart of the message bus or of bluetoothd. */
export interface BluezClient {
  /** The part that is away; undefined while bluetoothd answers and the cache holds its objects. */
  readonly missing: "bus" | "bluetoothd" | undefined;
  /** Resolves once it is known for the first time whether bluetoothd answers. */
  readonly known: Promise<void>;
  /** The connection, to export objects on; undefined while the bus is away. */
  readonly bus: Bus | undefined;
  /** @throws {BusError} */
  call(request: Call): Promise<readonly unknown[]>;
  /** Subscribes the cache to property changes of this object. (Adapters are subscribed to from the start.) @throws {BusError} */
  watch(path: Path): Promise<void>;
  /** Reads all objects again. @throws {BusError} */
  refresh(): Promise<void>;
  close(): void;
}

export interface BluezClientDeps extends BusDeps {
  readonly cache: ObjectCache;
  readonly clock: Clock;
  readonly log: Log;
}

/** Between attempts while the bus is away, or while bluetoothd is there and does not answer. */
const RETRY = { firstMs: 250, longestMs: 2_000 };

const STANDING_RULES = [
  `type='signal',sender='${BLUEZ}',interface='${OBJECT_MANAGER}'`,
  `type='signal',sender='${BLUEZ}',interface='${PROPERTIES}',arg0='${ADAPTER}'`,
];

export function connectBluez(busAddress: string, { cache, clock, log, ignored }: BluezClientDeps): BluezClient {
  const closed = new AbortController();
  const watched = new Set<Path>();
  let bus: Bus | undefined;
  let missing: BluezClient["missing"] = "bus";
  /** Rises each time bluetoothd appears or disappears: work of an earlier generation stops. */
  let generation = 0;
  let markKnown = () => {};
  const known = new Promise<void>((resolve) => {
    markKnown = resolve;
  });

  function setMissing(now: BluezClient["missing"]) {
    missing = now;
    if (now) cache.objects.clear();
    cache.notifyChange();
    markKnown();
  }
  const pause = (ms: number) => clock.sleep(ms, closed.signal).catch(() => {});

  async function call(request: Call): Promise<readonly unknown[]> {
    if (!bus) throw new BusError("bus.ended", "no connection to the message bus");
    return bus.call(request);
  }

  async function refresh() {
    const arrived = ([all]: readonly unknown[]) => {
      cache.objects.replace(all);
      cache.notifyChange();
    };
    await call({ path: "/", interface: OBJECT_MANAGER, member: "GetManagedObjects", arrived });
  }

  /** Finds out whether bluetoothd is there, and reads all its objects if it is. @throws {BusError} */
  async function look(on: Bus): Promise<BluezClient["missing"]> {
    if (!on.isPresent) return "bluetoothd";
    await refresh();
    return undefined;
  }

  async function synchronise(on: Bus) {
    const mine = ++generation;
    for (const waitMs of backoff(RETRY)) {
      try {
        const found = await look(on);
        if (mine === generation) setMissing(found);
        return;
      } catch (error) {
        if (mine !== generation) return;
        log.debug(`bluetoothd is there and does not answer: ${(error as Error).message}`);
        setMissing("bluetoothd");
      }
      await pause(waitMs);
      if (mine !== generation) return;
    }
  }

  function changePresence(on: Bus) {
    // Before that, the first synchronisation is still to come.
    if (on !== bus) return;
    generation += 1;
    // Also where another program has taken the name over: what the former one exported is gone.
    if (!missing) setMissing("bluetoothd");
    if (on.isPresent) void synchronise(on);
  }

  async function use(on: Bus) {
    on.onSignal(cache.apply);
    on.onPresence(() => changePresence(on));
    for (const rule of STANDING_RULES) await on.match(rule);
    bus = on;
    await synchronise(on);
    if (!on.ended.aborted) await new Promise((resolve) => on.ended.addEventListener("abort", resolve, { once: true }));
  }

  async function follow() {
    let waits = backoff(RETRY);
    while (!closed.signal.aborted) {
      try {
        const on = await openBus({ address: busAddress, service: BLUEZ }, { ignored });
        closed.signal.addEventListener("abort", on.close, { once: true });
        if (closed.signal.aborted) on.close();
        await use(on).finally(() => closed.signal.removeEventListener("abort", on.close));
        waits = backoff(RETRY);
      } catch (error) {
        log.debug(`no message bus at ${busAddress}: ${(error as Error).message}`);
      }
      bus = undefined;
      generation += 1;
      watched.clear();
      setMissing("bus");
      await pause(waits.next().value);
    }
  }

  void follow();
  return {
    get missing() {
      return missing;
    },
    get bus() {
      return bus;
    },
    known,
    call,
    refresh,
    async watch(path) {
      if (!bus || watched.has(path)) return;
      watched.add(path);
      await bus.match(`type='signal',sender='${BLUEZ}',interface='${PROPERTIES}',path='${path}'`);
    },
    close: () => closed.abort(),
  };
}
