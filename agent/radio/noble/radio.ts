import type { Peripheral } from "@abandonware/noble";
import withBindings from "@abandonware/noble/with-bindings.js";
import type { Address } from "../../../common/model/address.ts";
import { firstAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { type Advertisement, type Link, type Radio, RadioError } from "../radio.ts";
import { advertisements, cleaned, latestAdvertisement, received } from "./advertisements.ts";
import type { Bindings } from "./bindings.ts";
import { type DisconnectWatch, watchDisconnect } from "./disconnect-watch.ts";
import { type LinkTimeouts, openLink } from "./link.ts";
import { addressOf, deviceKey } from "./names.ts";
import { operate } from "./operation.ts";
import { createScanner, type ScanTimeouts } from "./scanner.ts";

export interface NobleTimeouts extends ScanTimeouts, LinkTimeouts {
  /** Until the adapter is on, after the start. */
  readonly adapterMs: number;
  /** Scan windows before a device is reported not found. */
  readonly scanWindows: number;
  /** Between two scan windows, for the connections of other processes. */
  readonly betweenWindowsMs: number;
  /** One attempt to connect, including the wait for the adapter lease. */
  readonly connectMs: number;
  /** Until a disconnection is confirmed: BlueZ takes up to 2.6 s. */
  readonly disconnectMs: number;
}

const TIMEOUTS: NobleTimeouts = {
  adapterMs: 5_000,
  scanWindowMs: 3_000,
  scanWindows: 4,
  betweenWindowsMs: 300,
  scanStartMs: 30_000,
  scanStopMs: 2_000,
  connectMs: 30_000,
  disconnectMs: 3_000,
  discoverMs: 10_000,
  operationMs: 5_000,
  pairMs: 30_000,
};

/**
 * The radio over noble's classes and any bindings. noble does not report failures, so every step here has a deadline.
 */
export function nobleRadio(
  bindings: Bindings,
  options: { readonly clock: Clock; readonly log: Log; readonly timeouts?: Partial<NobleTimeouts> },
): Radio {
  const { clock, log } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const noble = withBindings(bindings);
  /** Keys of the devices that a caller has ever connected to. */
  const wanted = new Set<string>();
  const scanWindow = createScanner({ noble, bindings, clock, timeouts, isWanted: (id) => wanted.has(deviceKey(id)) });
  const held = new Map<string, DisconnectWatch>();
  /** Devices that must be seen in a scan before the next attempt, because the last one failed. */
  const doubted = new Set<Address>();
  const closed = new AbortController();
  let powered = new AbortController();

  noble.setMaxListeners(0);
  bindings.setMaxListeners(0);
  noble.on("warning", (message: string) => log.debug(`noble: ${message}`));
  noble.on("stateChange", (state: string) => {
    if (state === "poweredOn") powered = new AbortController();
    else powered.abort(adapterFault(state));
  });

  function adapterFault(state: string): RadioError {
    return (
      bindings.fault?.() ?? new RadioError("adapter-off", `the Bluetooth adapter is not on (${state}): switch it on`)
    );
  }

  async function whenPowered(ender: AbortSignal): Promise<void> {
    if (noble.state === "poweredOn") return;
    const fault = bindings.fault?.();
    if (fault) throw fault;
    await operate<true>(bindings, clock, {
      start: () => {},
      emitter: noble,
      event: "stateChange",
      accept(state) {
        if (state === "poweredOn") return true;
        const reported = bindings.fault?.();
        if (reported) throw reported;
        return undefined;
      },
      isOwn: () => false,
      deadlineMs: timeouts.adapterMs,
      late: () => adapterFault(noble.state),
      ender,
    });
  }

  /** Runs `work` with a signal that aborts with the caller's, with the loss of the adapter, and when the radio closes. */
  async function whilePowered<T>(signal: AbortSignal, work: (ender: AbortSignal) => Promise<T>): Promise<T> {
    closed.signal.throwIfAborted();
    const either = firstAborted(signal, closed.signal);
    try {
      await whenPowered(either.signal);
      const ender = firstAborted(either.signal, powered.signal);
      try {
        return await work(ender.signal);
      } finally {
        ender.release();
      }
    } finally {
      either.release();
    }
  }

  function recall(to: Address): Peripheral | undefined {
    wanted.add(deviceKey(to));
    const id = doubted.has(to) ? undefined : bindings.recall?.(to);
    return id === undefined ? undefined : noble._peripherals[id];
  }

  async function find(to: Address, ender: AbortSignal): Promise<Peripheral> {
    for (let scanned = 0; scanned < timeouts.scanWindows; scanned++) {
      if (scanned > 0) await clock.sleep(timeouts.betweenWindowsMs, ender);
      let found: Peripheral | undefined;
      await scanWindow((peripheral) => {
        if (deviceKey(peripheral.id) === deviceKey(to)) found = peripheral;
        return found !== undefined;
      }, ender);
      if (found) return found;
    }
    const scannedS = (timeouts.scanWindows * timeouts.scanWindowMs) / 1000;
    throw new RadioError(
      "not-found",
      `${to} was not found in ${scannedS} s: is it on, in range, and not connected to a phone?`,
    );
  }

  async function connectTo(peripheral: Peripheral, ender: AbortSignal): Promise<Link> {
    const { id } = peripheral;
    const address = addressOf(id);
    if (held.has(id)) throw new RadioError("busy", `${address} is in use by this process: close that link first`);
    const watch = watchDisconnect(peripheral, powered.signal, clock, timeouts.disconnectMs);
    held.set(id, watch);
    watch.lost.addEventListener("abort", () => held.delete(id), { once: true });
    const either = firstAborted(ender, watch.lost);
    try {
      await operate<true>(bindings, clock, {
        start: () => peripheral.connect(),
        emitter: peripheral,
        event: "connect",
        accept(error) {
          if (error) throw connectFailed(address, error);
          return true;
        },
        isOwn: (failure) => failure.operation === "connect" && failure.id === id,
        deadlineMs: timeouts.connectMs,
        late: () => connectFailed(address, `no connection in ${timeouts.connectMs / 1000} s`),
        ender: either.signal,
      });
      return await openLink(peripheral, watch, either.signal, { bindings, clock, timeouts });
    } catch (error) {
      await watch.close();
      throw error;
    } finally {
      either.release();
    }
  }

  async function attempt(peripheral: Peripheral, ender: AbortSignal): Promise<Link> {
    const address = addressOf(peripheral.id);
    try {
      const link = await connectTo(peripheral, ender);
      doubted.delete(address);
      return link;
    } catch (error) {
      doubted.add(address);
      throw error;
    }
  }

  function scan(signal: AbortSignal): AsyncIterable<Advertisement> {
    return advertisements(signal, bindings, (onDiscover, until) =>
      whilePowered(until, async (ender) => {
        for (;;) {
          await scanWindow(onDiscover, ender);
          await clock.sleep(timeouts.betweenWindowsMs, ender);
        }
      }),
    );
  }

  /** Raw HCI has nobody to share with: it scans window by window. */
  async function* scanForDevice(to: Address, signal: AbortSignal): AsyncGenerator<Advertisement> {
    for await (const advertisement of scan(signal)) {
      if (deviceKey(advertisement.address) === deviceKey(to)) yield advertisement;
    }
  }

  function listen(to: Address, signal: AbortSignal): AsyncIterable<Advertisement> {
    return received(signal, (receive, until) =>
      whilePowered(until, async (ender) => {
        for await (const advertisement of bindings.listen?.(to, ender) ?? scanForDevice(to, ender)) {
          receive(cleaned(advertisement));
        }
        ender.throwIfAborted();
      }),
    );
  }

  return {
    scan,
    listen,
    connect: (to, signal, admit = () => {}) =>
      whilePowered(signal, async (ender) => {
        const peripheral = recall(to) ?? (await find(to, ender));
        const advertisement = latestAdvertisement(bindings, peripheral);
        if (advertisement) admit(advertisement);
        try {
          return await attempt(peripheral, ender);
        } catch (error) {
          if (!(error instanceof RadioError && error.fault === "not-found")) throw error;
          // BlueZ forgets a device after 30 s; that means nothing for whether it is there.
          return await attempt(await find(to, ender), ender);
        }
      }),
    async close() {
      closed.abort(new RadioError("disconnected", "the radio was closed"));
      await Promise.all([...held.values()].map((watch) => watch.close()));
      await bindings.close();
    },
  };
}

function connectFailed(address: Address, why: unknown): RadioError {
  if (why instanceof RadioError) return why;
  const reason = why instanceof Error ? why.message : String(why);
  return new RadioError("connect-failed", `${address} was seen but did not connect (${reason}): it is tried again`, {
    cause: why,
  });
}
