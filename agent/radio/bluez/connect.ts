import { firstAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { BusError } from "../dbus/bus-error.ts";
import { RadioError } from "../radio.ts";
import type { BluezClient } from "./client.ts";
import { DEVICE, PROPERTIES } from "./names.ts";
import type { ObjectCache } from "./object-cache.ts";
import { addressIn, type DeviceObject, type Path } from "./objects.ts";

export interface ConnectTimes {
  /** Until the link stands. */
  readonly connectMs: number;
  /** From then until the services are known. */
  readonly resolveMs: number;
  /** Between two reads of the properties while a signal or an answer may be missing. */
  readonly readMs: number;
  /** For cancelling an attempt, or ending a link: BlueZ needs up to 2.6 s. */
  readonly disconnectMs: number;
}

export const CONNECT_TIMES: ConnectTimes = { connectMs: 8_000, resolveMs: 15_000, readMs: 1_000, disconnectMs: 4_000 };

export interface ConnectDeps {
  readonly client: BluezClient;
  readonly cache: ObjectCache;
  readonly clock: Clock;
  readonly times: ConnectTimes;
}

/**
 * Connects the device, or adopts a link that stands already; resolves once the cache holds its services. `expired` ends
 * the wait for the link, `cancel` all of it. A failed attempt leaves nothing behind.
 * @throws {RadioError} {BusError} or the reason of `cancel`
 */
export async function connectDevice(
  path: Path,
  deps: ConnectDeps,
  expired: AbortSignal,
  cancel: AbortSignal,
): Promise<void> {
  const { client, times } = deps;
  known(path, deps);
  await client.watch(path);
  // Changes before this subscription were not signalled.
  await readProperties(path, deps);
  const polling = new AbortController();
  void pollProperties(path, deps, polling.signal);
  try {
    await link(path, deps, expired, cancel);
    await servicesResolved(path, deps, cancel);
    // BlueZ may export the services after ServicesResolved: one round trip brings all of them.
    await client.refresh();
    if (!known(path, deps).connected) throw lostEarly(path);
  } catch (error) {
    await call(path, deps, "Disconnect", times.disconnectMs).catch(() => {});
    throw error;
  } finally {
    polling.abort();
  }
}

/** Ends the link and waits until it has ended. @throws {BusError} */
export async function disconnectDevice(path: Path, deps: ConnectDeps): Promise<void> {
  const { cache, times } = deps;
  await call(path, deps, "Disconnect", times.disconnectMs);
  const hasEnded = () => !cache.objects.device(path)?.connected;
  const late = () => new BusError("bus.timeout", `still connected after ${times.disconnectMs / 1000} s`);
  await cache.waitFor(hasEnded, times.disconnectMs, late);
}

/**
 * The properties decide, not the answer: BlueZ 5.66 may never answer a Connect although the link stands and the services
 * are resolved.
 */
async function link(path: Path, deps: ConnectDeps, expired: AbortSignal, cancel: AbortSignal): Promise<void> {
  const { cache, times } = deps;
  if (known(path, deps).connected) return;
  const refused = new AbortController();
  const ended = firstAborted(expired, cancel, refused.signal);
  try {
    ended.signal.throwIfAborted();
    call(path, deps, "Connect", times.connectMs).catch((error: unknown) => {
      // An attempt of another program is as good as ours.
      const isUnderWay = error instanceof BusError && /\.(AlreadyConnected|InProgress)$/.test(error.error);
      if (!isUnderWay) refused.abort(error);
    });
    const late = () => new BusError("bus.timeout", `not connected within ${times.connectMs / 1000} s`);
    await cache.waitFor(() => known(path, deps).connected, times.connectMs, late, ended.signal);
  } catch (error) {
    const isExpiry = expired.aborted && error === expired.reason;
    throw isExpiry ? new BusError("bus.timeout", "not connected before the adapter lease ended") : error;
  } finally {
    ended.release();
  }
}

function servicesResolved(path: Path, deps: ConnectDeps, cancel: AbortSignal): Promise<void> {
  const { cache, times } = deps;
  const isResolved = () => {
    const device = known(path, deps);
    if (!device.connected) throw lostEarly(path);
    return device.servicesResolved;
  };
  const late = () => new BusError("bus.timeout", `services not resolved within ${times.resolveMs / 1000} s`);
  return cache.waitFor(isResolved, times.resolveMs, late, cancel);
}

/** @throws {RadioError} not-found: bluetoothd drops the object of a device that it has not received for a while */
function known(path: Path, { cache }: ConnectDeps): DeviceObject {
  const device = cache.objects.device(path);
  if (device) return device;
  throw forgotten(path);
}

function forgotten(path: Path): RadioError {
  return new RadioError("not-found", `bluetoothd has forgotten ${addressIn(path)}: it is looked for again`);
}

function lostEarly(path: Path): RadioError {
  return new RadioError("disconnected", `${addressIn(path)}: the link was lost before its services were known`);
}

async function pollProperties(path: Path, deps: ConnectDeps, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    await deps.clock.sleep(deps.times.readMs, done).catch(() => {});
    if (!done.aborted) await readProperties(path, deps).catch(() => {});
  }
}

async function readProperties(path: Path, { client, cache }: ConnectDeps): Promise<void> {
  const arrived = ([properties]: readonly unknown[]) => {
    cache.objects.change(path, DEVICE, properties, []);
    cache.notifyChange();
  };
  const request = { path, interface: PROPERTIES, member: "GetAll", signature: "s", body: [DEVICE], arrived };
  await client.call(request).catch((error: unknown) => {
    // For an object that is gone BlueZ reports an unknown method.
    throw error instanceof BusError && /Unknown(Object|Method)$/.test(error.error) ? forgotten(path) : error;
  });
}

function call(path: Path, { client }: ConnectDeps, member: string, limitMs: number): Promise<readonly unknown[]> {
  return client.call({ path, interface: DEVICE, member, limitMs });
}
