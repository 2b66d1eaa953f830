import type { Address } from "../../../common/model/address.ts";
import { firstAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Locks } from "../../../common/runtime/process-lock.ts";
import { createAsyncQueue } from "../async-queue.ts";
import type { Central, Connection, Scan } from "../central.ts";
import { systemBusAddress } from "../dbus/bus.ts";
import { readKernel } from "../kernel.ts";
import { type Advertisement, RadioError, type RadioFault } from "../radio.ts";
import { KEEP_TIMES, type KeepTimes, leaseAdapter } from "../sharing/adapter-lease.ts";
import { listeningLeases } from "../sharing/listening-lease.ts";
import { watchAdapter } from "./adapter.ts";
import { connectBluez } from "./client.ts";
import { CONNECT_TIMES, type ConnectTimes } from "./connect.ts";
import { createConnections } from "./connections.ts";
import { DISCOVERY_TIMES, type DiscoveryTimes } from "./discovery.ts";
import { operationError } from "./errors.ts";
import { reportIgnored } from "./ignored-messages.ts";
import { LISTEN_TIMES, type ListenLeases, type ListenTimes, listenUnderLease } from "./listen.ts";
import { createObjectCache } from "./object-cache.ts";
import { type AdapterObject, devicePath, type Path } from "./objects.ts";
import { createPairing, passkeyIn } from "./pairing.ts";
import { scanUnderLease } from "./scan.ts";

export interface BluezOptions {
  /** `hci0`, or an address; any adapter where absent. */
  readonly adapter?: string;
  /** The device's password, which may be the passkey of its link as well. */
  readonly pin?: string;
  /** The only device to scan for; any where absent. */
  readonly device?: Address;
  /** The system bus where absent. */
  readonly busAddress?: string;
  readonly times?: Partial<BluezTimes>;
}

export interface BluezTimes extends ConnectTimes, KeepTimes, DiscoveryTimes, ListenTimes {}

const TIMES: BluezTimes = { ...CONNECT_TIMES, ...KEEP_TIMES, ...DISCOVERY_TIMES, ...LISTEN_TIMES };

export interface BluezDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly locks?: Locks;
}

/**
 * A central that calls bluetoothd over D-Bus, so that processes on one adapter cannot break each other's links. They
 * scan and connect one after the other, under a lease (sharing/lease.ts).
 */
export function bluezCentral(options: BluezOptions, deps: BluezDeps): Central {
  const { clock, log } = deps;
  const { busAddress = systemBusAddress() } = options;
  const times = { ...TIMES, ...options.times };
  const closed = new AbortController();
  const usable = createAsyncQueue<boolean>();
  const cache = createObjectCache(clock, log);
  const ignored = reportIgnored(log);
  const client = connectBluez(busAddress, { cache, clock, log, ignored });
  const choice = { busAddress, wanted: options.adapter };
  const adapter = watchAdapter(choice, { client, cache, kernel: readKernel }, onAdapter);
  const pairing = createPairing(passkeyIn(options.pin), { client, clock });
  const connections = createConnections({ client, cache, clock, times, pairing, fault: adapter.fault, translate });
  const scans = new Set<Promise<void>>();
  let leases: ListenLeases | undefined;
  let wasUsable: boolean | undefined;

  function onAdapter(current: AdapterObject | undefined) {
    // Another adapter may have replaced the former one: what was begun on that one has ended.
    if (wasUsable) usable.push(false);
    void closeLeases();
    leases = current && {
      adapter: leaseAdapter(current.name, deps),
      listening: listeningLeases(current.name, deps),
    };
    if (current) log.debug(`Bluetooth adapter ${current.name} (${current.address})`);
    if (current || !wasUsable) usable.push(current !== undefined);
    wasUsable = current !== undefined;
  }

  async function closeLeases() {
    leases?.listening.close();
    await leases?.adapter.close();
  }

  /** @throws {RadioError} when the adapter cannot be used now */
  function ready(): { readonly path: Path; readonly leases: ListenLeases } {
    if (adapter.current && leases) return { path: adapter.current.path, leases };
    throw adapter.fault() ?? new RadioError("adapter-off", "the Bluetooth adapter is not ready: try again in a moment");
  }

  function translate(error: unknown, what: string, otherwise: RadioFault): RadioError {
    return operationError(error, { what, adapterFault: adapter.fault(), hasOopsed: readKernel().hasOopsed }, otherwise);
  }

  function advertised(path: Path): Advertisement | undefined {
    const device = cache.objects.device(path);
    if (!device || !adapter.current || !path.startsWith(`${adapter.current.path}/`)) return undefined;
    const { address, addressType, name, lastRssi: rssi, services, manufacturerData } = device;
    return { address, addressType, name, rssi, services, manufacturerData };
  }

  function scan(signal: AbortSignal): Scan {
    const received = createAsyncQueue<Advertisement>();
    const until = firstAborted(signal, closed.signal);
    const receive = (path: Path) => {
      const advertisement = advertised(path);
      if (advertisement) received.push(advertisement);
    };
    const removeListener = cache.onAdvertised(receive);
    let begin = () => {};
    let fail = (_why: unknown) => {};
    const started = new Promise<void>((resolve, reject) => {
      begin = resolve;
      fail = reject;
    });
    started.catch(() => {});

    async function run() {
      const { path, leases } = ready();
      // There may be room for our device now, whose appearance is signalled once only.
      if (cache.objects.isPartial) await client.refresh();
      const begun = () => {
        begin();
        // Received already, in the scan of another process that goes on.
        for (const device of cache.objects.devices(path)) if (device.rssi !== undefined) receive(device.path);
      };
      const sought = options.device && devicePath(path, options.device);
      await scanUnderLease(
        path,
        leases.adapter,
        { busAddress, sought, cache, clock, log, ignored, times },
        begun,
        until.signal,
      );
    }
    const running = run()
      .then(
        () => received.end(),
        (error: unknown) => {
          const why = until.signal.aborted ? until.signal.reason : translate(error, "scanning", "timeout");
          fail(why);
          received.end(until.signal.aborted ? undefined : why);
        },
      )
      .finally(() => {
        removeListener();
        until.release();
        scans.delete(running);
      });
    scans.add(running);
    return { started, [Symbol.asyncIterator]: () => received[Symbol.asyncIterator]() };
  }

  async function* listen(address: Address, signal: AbortSignal): AsyncGenerator<Advertisement> {
    const received = createAsyncQueue<Advertisement>();
    const until = firstAborted(signal, closed.signal);
    let removeListener = () => {};
    let latest = "";
    let changed = 0;
    const receive = (advertisement: Advertisement) => {
      const content = JSON.stringify([...advertisement.manufacturerData]);
      if (content !== latest) changed += 1;
      latest = content;
      received.push(advertisement);
    };
    async function run() {
      const { path, leases } = ready();
      const sought = devicePath(path, address);
      removeListener = cache.onAdvertised((device) => {
        const advertisement = device === sought ? advertised(device) : undefined;
        if (advertisement) receive(advertisement);
      });
      // The scans of all processes serve.
      await client.watch(sought);
      const deps = { busAddress, sought, cache, clock, log, ignored, times, changes: () => changed };
      await listenUnderLease(path, leases, deps, until.signal);
    }
    const running = run()
      .then(received.end, (error: unknown) =>
        received.end(until.signal.aborted ? undefined : translate(error, "listening", "timeout")),
      )
      .finally(() => {
        removeListener();
        until.release();
        scans.delete(running);
      });
    scans.add(running);
    yield* received;
  }

  async function connect(address: Address, signal: AbortSignal): Promise<Connection> {
    let device: Path | undefined;
    try {
      const { path, leases } = ready();
      device = devicePath(path, address);
      const connection = await connections.open(device, leases.adapter, signal);
      if (signal.aborted) await connection.close();
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      pairing.withdrawLater();
      signal.throwIfAborted();
      const why = (device && pairing.reasonFor(device)) ?? error;
      throw translate(why, `${address}: connecting`, "connect-failed");
    }
  }

  return {
    usable,
    fault: adapter.fault,
    scan,
    listen,
    known: (address) => adapter.current && advertised(devicePath(adapter.current.path, address)),
    connect,
    async close() {
      closed.abort(new RadioError("disconnected", "the radio was closed"));
      await Promise.all(scans);
      await connections.close();
      pairing.close();
      await closeLeases();
      client.close();
      usable.end();
    },
  };
}
