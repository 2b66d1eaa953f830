import { firstAborted } from "../../../common/runtime/abort.ts";
import { BusError } from "../dbus/bus-error.ts";
import { RadioError } from "../radio.ts";
import type { Daemon } from "./client.ts";
import { DEVICE, PROPERTIES } from "./names.ts";
import type { Mirror } from "./object-cache.ts";
import { addressIn, type DeviceObject, type Path } from "./objects.ts";

export interface ConnectTimes {
  /** Until the link stands. */
  readonly connectMs: number;
  /** From then until the services are known. */
  readonly resolveMs: number;
  /** Between two looks at the properties while a signal or an answer may be missing. */
  readonly lookMs: number;
  /** For taking an attempt back, or ending a link: BlueZ takes up to 2.6 s. */
  readonly disconnectMs: number;
}

export const CONNECT_TIMES: ConnectTimes = { connectMs: 8_000, resolveMs: 15_000, lookMs: 1_000, disconnectMs: 4_000 };

export interface Ground {
  readonly daemon: Daemon;
  readonly mirror: Mirror;
  readonly times: ConnectTimes;
}

/**
 * Connects the device, or adopts a link that stands already; resolves once its services are mirrored. `over` ends the
 * waiting for the link, `cancel` all of it. When it fails nothing of the attempt is left behind.
 * @throws {RadioError} {BusError} or the reason of `cancel`
 */
export async function connectDevice(path: Path, ground: Ground, over: AbortSignal, cancel: AbortSignal): Promise<void> {
  const { daemon, times } = ground;
  known(path, ground);
  await daemon.watch(path);
  // Until now nobody told what became of this device.
  await look(path, ground);
  const looking = setInterval(() => void look(path, ground).catch(() => {}), times.lookMs);
  try {
    await link(path, ground, over, cancel);
    await resolved(path, ground, cancel);
    // Its services may be told after it says that they are resolved: one round trip brings all of them.
    await daemon.refresh();
    if (!known(path, ground).connected) throw lostEarly(path);
  } catch (error) {
    await call(path, ground, "Disconnect", times.disconnectMs).catch(() => {});
    throw error;
  } finally {
    clearInterval(looking);
  }
}

/** Ends the link and waits until it has ended. @throws {BusError} */
export async function disconnectDevice(path: Path, ground: Ground): Promise<void> {
  const { mirror, times } = ground;
  await call(path, ground, "Disconnect", times.disconnectMs);
  const hasEnded = () => !mirror.objects.device(path)?.connected;
  const late = () => new BusError("bus.timeout", `still connected after ${times.disconnectMs / 1000} s`);
  await mirror.until(hasEnded, times.disconnectMs, late);
}

/**
 * The properties are believed, not the answer: BlueZ 5.66 may never answer a Connect although the link stands and the
 * services are resolved.
 */
async function link(path: Path, ground: Ground, over: AbortSignal, cancel: AbortSignal): Promise<void> {
  const { mirror, times } = ground;
  if (known(path, ground).connected) return;
  const refused = new AbortController();
  const ended = firstAborted(over, cancel, refused.signal);
  try {
    ended.signal.throwIfAborted();
    call(path, ground, "Connect", times.connectMs).catch((error: unknown) => {
      // Somebody else's attempt is as good as ours.
      const isUnderWay = error instanceof BusError && /\.(AlreadyConnected|InProgress)$/.test(error.error);
      if (!isUnderWay) refused.abort(error);
    });
    const late = () => new BusError("bus.timeout", `not connected within ${times.connectMs / 1000} s`);
    await mirror.until(() => known(path, ground).connected, times.connectMs, late, ended.signal);
  } catch (error) {
    throw over.aborted && error === over.reason ? new BusError("bus.timeout", "not connected in its turn") : error;
  } finally {
    ended.release();
  }
}

function resolved(path: Path, ground: Ground, cancel: AbortSignal): Promise<void> {
  const { mirror, times } = ground;
  const isResolved = () => {
    const device = known(path, ground);
    if (!device.connected) throw lostEarly(path);
    return device.servicesResolved;
  };
  const late = () => new BusError("bus.timeout", `services not resolved within ${times.resolveMs / 1000} s`);
  return mirror.until(isResolved, times.resolveMs, late, cancel);
}

/** @throws {RadioError} where bluetoothd has dropped the object, as it does with devices not heard for a while */
function known(path: Path, { mirror }: Ground): DeviceObject {
  const device = mirror.objects.device(path);
  if (device) return device;
  throw forgotten(path);
}

function forgotten(path: Path): RadioError {
  return new RadioError("not-found", `bluetoothd has forgotten ${addressIn(path)}: it is looked for again`);
}

function lostEarly(path: Path): RadioError {
  return new RadioError("disconnected", `${addressIn(path)}: the link was lost before its services were known`);
}

async function look(path: Path, { daemon, mirror }: Ground): Promise<void> {
  const arrived = ([properties]: readonly unknown[]) => {
    mirror.objects.change(path, DEVICE, properties, []);
    mirror.changed();
  };
  const request = { path, interface: PROPERTIES, member: "GetAll", signature: "s", body: [DEVICE], arrived };
  await daemon.call(request).catch((error: unknown) => {
    // Of an object that is gone BlueZ says that it has no such method.
    throw error instanceof BusError && /Unknown(Object|Method)$/.test(error.error) ? forgotten(path) : error;
  });
}

function call(path: Path, { daemon }: Ground, member: string, limitMs: number): Promise<readonly unknown[]> {
  return daemon.call({ path, interface: DEVICE, member, limitMs });
}
