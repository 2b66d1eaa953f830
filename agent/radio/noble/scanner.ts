import type { Peripheral } from "@abandonware/noble";
import type { Noble } from "@abandonware/noble/with-bindings.js";
import { firstAborted, orAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { RadioError } from "../radio.ts";
import type { Bindings } from "./bindings.ts";
import { operate } from "./operation.ts";

export interface ScanTimeouts {
  /** One bite of scanning: it delays others' connections on the same adapter. */
  readonly biteMs: number;
  /** Until a scan has begun, waiting for the adapter's turn included. */
  readonly scanStartMs: number;
  readonly scanStopMs: number;
}

/**
 * One bite of scanning, ended early when `hear` says that it has heard enough. Bites that overlap share one scan.
 * @throws {RadioError} or the ender's reason
 */
export type Bite = (hear: (peripheral: Peripheral) => boolean, ender: AbortSignal) => Promise<void>;

/** After each scan noble forgets the devices of which `isWanted` says no. */
export function nobleScanner(
  noble: Noble,
  bindings: Bindings,
  clock: Clock,
  timeouts: ScanTimeouts,
  isWanted: (id: string) => boolean,
): Bite {
  const never = new AbortController().signal;
  let bites = 0;
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
    // A scan that does not confirm its end makes itself known when the next one cannot start.
    stopped = change(
      "scanStop",
      () => noble.stopScanning(),
      timeouts.scanStopMs,
      "the adapter did not end its scan",
    ).catch(() => {});
    await stopped;
    forgetUnwanted();
  }

  /** Passing phones change their addresses all the time: whoever scans for months would remember them all. */
  function forgetUnwanted(): void {
    for (const id of Object.keys(noble._peripherals).filter((heard) => !isWanted(heard))) {
      for (const memory of [noble._peripherals, noble._services, noble._characteristics, noble._descriptors]) {
        delete memory[id];
      }
    }
  }

  return async (hear, ender) => {
    const enough = new AbortController();
    const onDiscover = (peripheral: Peripheral) => {
      if (hear(peripheral)) enough.abort();
    };
    noble.on("discover", onDiscover);
    bites++;
    const over = firstAborted(ender, enough.signal);
    try {
      scan ??= start();
      // What is enough may be heard before our own scan begins: in another process' scan.
      await orAborted(over.signal, scan.started);
      await clock.sleep(timeouts.biteMs, over.signal);
    } catch (error) {
      ender.throwIfAborted();
      if (!enough.signal.aborted) throw error;
    } finally {
      over.release();
      noble.off("discover", onDiscover);
      bites--;
      if (bites === 0) await stop();
    }
  };
}
