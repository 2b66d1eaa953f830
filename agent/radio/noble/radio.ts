import type { Peripheral } from "@abandonware/noble";
import withBindings from "@abandonware/noble/with-bindings.js";
import type { Address } from "../../../common/model/address.ts";
import { firstAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { type Link, type Radio, RadioError } from "../radio.ts";
import { listen } from "./advertisements.ts";
import type { Bindings } from "./bindings.ts";
import { type LinkWatch, watchLink } from "./disconnect-watch.ts";
import { type LinkTimeouts, nobleLink } from "./link.ts";
import { addressOf, nobleId } from "./names.ts";
import { operate } from "./operation.ts";
import { nobleScanner, type ScanTimeouts } from "./scanner.ts";

export interface NobleTimeouts extends ScanTimeouts, LinkTimeouts {
  /** Until the adapter is on, after the start. */
  readonly adapterMs: number;
  /** Bites of scanning before a device counts as absent. */
  readonly bites: number;
  /** Between two bites: the others' turn. */
  readonly betweenBitesMs: number;
  /** One try to connect, waiting for the adapter's turn included. */
  readonly connectMs: number;
  /** Until a disconnection is confirmed: BlueZ takes up to 2.6 s. */
  readonly disconnectMs: number;
}

const TIMEOUTS: NobleTimeouts = {
  adapterMs: 5_000,
  biteMs: 3_000,
  bites: 4,
  betweenBitesMs: 300,
  scanStartMs: 30_000,
  scanStopMs: 2_000,
  connectMs: 30_000,
  disconnectMs: 3_000,
  discoverMs: 10_000,
  operationMs: 5_000,
  pairMs: 30_000,
};

/** Radio over noble's classes and any bindings. noble has no word for failure: here every step has a deadline. */
export function nobleRadio(
  bindings: Bindings,
  options: { readonly clock: Clock; readonly log: Log; readonly timeouts?: Partial<NobleTimeouts> },
): Radio {
  const { clock, log } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const noble = withBindings(bindings);
  /** Devices that a caller has ever wanted to connect to. */
  const wanted = new Set<string>();
  const bite = nobleScanner(noble, bindings, clock, timeouts, (id) => wanted.has(id));
  const held = new Map<string, LinkWatch>();
  /** Devices that must be seen before they are connected to: what is remembered of them did not help last time. */
  const doubted = new Set<string>();
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
    const id = nobleId(to);
    wanted.add(id);
    return !doubted.has(id) && bindings.recall?.(id) ? noble._peripherals[id] : undefined;
  }

  async function seek(to: Address, ender: AbortSignal): Promise<Peripheral> {
    const id = nobleId(to);
    for (let bitten = 0; bitten < timeouts.bites; bitten++) {
      if (bitten > 0) await clock.sleep(timeouts.betweenBitesMs, ender);
      let heard: Peripheral | undefined;
      await bite((peripheral) => {
        if (peripheral.id === id) heard = peripheral;
        return heard !== undefined;
      }, ender);
      if (heard) return heard;
    }
    const lookedFor = (timeouts.bites * timeouts.biteMs) / 1000;
    throw new RadioError(
      "not-found",
      `${to} was not heard in ${lookedFor} s: is it on, in range, and not connected to a phone?`,
    );
  }

  async function connectTo(peripheral: Peripheral, ender: AbortSignal): Promise<Link> {
    const { id } = peripheral;
    const address = addressOf(id);
    if (held.has(id)) throw new RadioError("busy", `${address} is in use by this very process: close that link first`);
    const watch = watchLink(peripheral, powered.signal, clock, timeouts.disconnectMs);
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
      return await nobleLink(peripheral, watch, either.signal, bindings, clock, timeouts);
    } catch (error) {
      await watch.close();
      throw error;
    } finally {
      either.release();
    }
  }

  async function tryToConnect(peripheral: Peripheral, ender: AbortSignal): Promise<Link> {
    try {
      const link = await connectTo(peripheral, ender);
      doubted.delete(peripheral.id);
      return link;
    } catch (error) {
      doubted.add(peripheral.id);
      throw error;
    }
  }

  return {
    scan: (signal) =>
      listen(signal, bindings, (hear, until) =>
        whilePowered(until, async (ender) => {
          for (;;) {
            await bite(hear, ender);
            await clock.sleep(timeouts.betweenBitesMs, ender);
          }
        }),
      ),
    connect: (to, signal) =>
      whilePowered(signal, async (ender) => {
        const peripheral = recall(to) ?? (await seek(to, ender));
        try {
          return await tryToConnect(peripheral, ender);
        } catch (error) {
          if (!(error instanceof RadioError && error.fault === "not-found")) throw error;
          // Forgotten meanwhile, as BlueZ does after 30 s, which says nothing about the device.
          return await tryToConnect(await seek(to, ender), ender);
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
  const told = why instanceof Error ? why.message : String(why);
  return new RadioError("connect-failed", `${address} was seen but did not connect (${told}): it is tried again`, {
    cause: why,
  });
}
