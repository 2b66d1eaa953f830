import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../../common/runtime/log.ts";
import { type Bus, type Call, DBUS_DAEMON, openBus, type Signal } from "../dbus/bus.ts";
import { BusError } from "../dbus/bus-error.ts";
import { ADAPTER, BLUEZ, DBUS, OBJECT_MANAGER, PROPERTIES } from "./names.ts";
import type { Mirror } from "./object-cache.ts";
import type { Path } from "./objects.ts";

/** bluetoothd as we reach it. It and the message bus come and go; this follows them by itself. */
export interface Daemon {
  /** Begins to follow. */
  start(): void;
  /** Which of the two is away; undefined while bluetoothd answers and the mirror holds its objects. */
  readonly missing: "bus" | "bluetoothd" | undefined;
  /** Resolves once it is known for the first time whether bluetoothd answers. */
  readonly tried: Promise<void>;
  /** The connection, to export objects on; undefined while the bus is away. */
  readonly bus: Bus | undefined;
  /** @throws {BusError} */
  call(request: Omit<Call, "destination">): Promise<readonly unknown[]>;
  /** Has the mirror told the property changes of this object too: of adapters alone they are told unasked. @throws {BusError} */
  watch(path: Path): Promise<void>;
  /** Reads every object anew. @throws {BusError} */
  refresh(): Promise<void>;
  close(): void;
}

/** From one try to the next while the bus is away, or bluetoothd is there and does not answer. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2_000;

const STANDING_RULES = [
  `type='signal',sender='${DBUS}',interface='${DBUS}',member='NameOwnerChanged',arg0='${BLUEZ}'`,
  `type='signal',sender='${BLUEZ}',interface='${OBJECT_MANAGER}'`,
  `type='signal',sender='${BLUEZ}',interface='${PROPERTIES}',arg0='${ADAPTER}'`,
];

export function followDaemon(address: string, mirror: Mirror, log: Log): Daemon {
  const closed = new AbortController();
  const watched = new Set<Path>();
  let bus: Bus | undefined;
  let missing: Daemon["missing"] = "bus";
  /** Rises with every coming and going of bluetoothd, so that what was begun before gives up. */
  let era = 0;
  let markTried = () => {};
  const tried = new Promise<void>((resolve) => {
    markTried = resolve;
  });

  function settle(now: Daemon["missing"]) {
    missing = now;
    if (now) mirror.objects.clear();
    mirror.changed();
    markTried();
  }
  const pause = (ms: number) => delay(ms, undefined, { signal: closed.signal }).catch(() => {});

  async function call(request: Omit<Call, "destination">): Promise<readonly unknown[]> {
    if (!bus) throw new BusError("bus.ended", "no connection to the message bus");
    return bus.call({ ...request, destination: BLUEZ });
  }

  async function refresh() {
    const arrived = ([all]: readonly unknown[]) => {
      mirror.objects.replace(all);
      mirror.changed();
    };
    await call({ path: "/", interface: OBJECT_MANAGER, member: "GetManagedObjects", arrived });
  }

  /** Learns whether bluetoothd is there, and all its objects if it is. @throws {BusError} */
  async function look(on: Bus): Promise<Daemon["missing"]> {
    const [present] = await on.call({ ...DBUS_DAEMON, member: "NameHasOwner", signature: "s", body: [BLUEZ] });
    if (present !== true) return "bluetoothd";
    await refresh();
    return undefined;
  }

  async function meet(on: Bus) {
    const mine = ++era;
    for (let waitMs = FIRST_RETRY_MS; mine === era; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
      try {
        const found = await look(on);
        if (mine === era) settle(found);
        return;
      } catch (error) {
        if (mine !== era) return;
        log.debug(`bluetoothd is there and does not answer: ${(error as Error).message}`);
        settle("bluetoothd");
      }
      await pause(waitMs);
    }
  }

  function heard(signal: Signal) {
    if (signal.member !== "NameOwnerChanged") return mirror.take(signal);
    if (signal.body[2] !== "") return bus && void meet(bus);
    era += 1;
    settle("bluetoothd");
  }

  async function live(on: Bus) {
    on.onSignal(heard);
    for (const rule of STANDING_RULES) await on.match(rule);
    bus = on;
    await meet(on);
    if (!on.ended.aborted) await new Promise((resolve) => on.ended.addEventListener("abort", resolve, { once: true }));
  }

  async function follow() {
    let waitMs = FIRST_RETRY_MS;
    while (!closed.signal.aborted) {
      try {
        const on = await openBus(address);
        closed.signal.addEventListener("abort", on.close, { once: true });
        await live(on).finally(() => closed.signal.removeEventListener("abort", on.close));
        waitMs = FIRST_RETRY_MS;
      } catch (error) {
        log.debug(`no message bus at ${address}: ${(error as Error).message}`);
      }
      bus = undefined;
      era += 1;
      watched.clear();
      settle("bus");
      await pause(waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
    }
  }

  return {
    start: () => void follow(),
    get missing() {
      return missing;
    },
    get bus() {
      return bus;
    },
    tried,
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
