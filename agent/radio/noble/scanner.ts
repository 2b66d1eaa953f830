import type { Peripheral } from "@abandonware/noble";
import type { Noble } from "@abandonware/noble/with-bindings.js";
import { firstAborted, orAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { RadioError } from "../radio.ts";
import type { Bindings } from "./bindings.ts";
import { operate } from "./operation.ts";

export interface ScanTimeouts {
  /** Length of one scan window: it delays other connections on the same adapter. */
  readonly scanWindowMs: number;
  /** Until a scan has begun, including the wait for the adapter lease. */
  readonly scanStartMs: number;
  readonly scanStopMs: number;
}

/**
 * Scans for one window, or until `onDiscover` returns true. Windows that overlap share one scan.
 * @throws {RadioError} or the ender's reason
 */
export type Scanner = (onDiscover: (peripheral: Peripheral) => boolean, ender: AbortSignal) => Promise<void>;

export interface ScannerDeps {
  readonly noble: Noble;
  readonly bindings: Bindings;
  readonly clock: Clock;
  readonly timeouts: ScanTimeouts;
  /** After each scan noble forgets the devices for which this is false. */
  readonly isWanted: (id: string) => boolean;
}

export function createScanner({ noble, bindings, clock, timeouts, isWanted }: ScannerDeps): Scanner {
  const never = new AbortController().signal;
  let openWindows = 0;
  let scan: { readonly started: Promise<true>; readonly abandoned: AbortController } | undefined;
  let stopped: Promise<unknown> = Promise.resolve();

  const change = (event: "scanStart" | "scanStop", start: () => void, deadlineMs: number, late: string) =>
    operate<true>(bindings, clock, {
      start,
      emitter: noble,
      event,
      accept: () => true,
      isOwn: ({ operation }) => operation === "scan",
      deadlineMs,
      late: () => new RadioError("timeout", late),
      ender: never,
    });

  function start(): { readonly started: Promise<true>; readonly abandoned: AbortController } {
    const abandoned = new AbortController();
    return { started: begin(abandoned.signal), abandoned };
  }

  async function begin(abandoned: AbortSignal): Promise<true> {
    await stopped;
    abandoned.throwIfAborted();
    return change(
      "scanStart",
      () => noble.startScanning([], true),
      timeouts.scanStartMs,
      "the adapter did not begin to scan: see whether another program scans all the time",
    );
  }

  async function stop(): Promise<void> {
    scan?.abandoned.abort();
    scan = undefined;
    // When the end of a scan is not confirmed, the next scan fails to start and reports it.
    stopped = change(
      "scanStop",
      () => noble.stopScanning(),
      timeouts.scanStopMs,
      "the adapter did not end its scan",
    ).catch(() => {});
    await stopped;
    forgetUnwanted();
  }

  /** Phones that pass by change their addresses all the time: a scan that lasts for months would collect them all. */
  function forgetUnwanted(): void {
    for (const id of Object.keys(noble._peripherals).filter((known) => !isWanted(known))) {
      for (const memory of [noble._peripherals, noble._services, noble._characteristics, noble._descriptors]) {
        delete memory[id];
      }
    }
  }

  return async (onDiscover, ender) => {
    const enough = new AbortController();
    const listener = (peripheral: Peripheral) => {
      if (onDiscover(peripheral)) enough.abort();
    };
    noble.on("discover", listener);
    openWindows++;
    const over = firstAborted(ender, enough.signal);
    try {
      scan ??= start();
      // The device may be received before our own scan begins, in the scan of another process.
      await orAborted(over.signal, scan.started);
      await clock.sleep(timeouts.scanWindowMs, over.signal);
    } catch (error) {
      ender.throwIfAborted();
      if (!enough.signal.aborted) throw error;
    } finally {
      over.release();
      noble.off("discover", listener);
      openWindows--;
      if (openWindows === 0) await stop();
    }
  };
}
