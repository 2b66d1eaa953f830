import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { AdapterUse, KeepTimes, Use } from "../sharing/adapter-lease.ts";
import type { Discovery } from "./discovery.ts";
import type { Path } from "./objects.ts";

/** A scan in the adapter's turn. */
export interface Scanning {
  /**
   * Resolves when the adapter scans for us, which it does until `stop`, or until others have waited for the turn for
   * long enough: then it is theirs. Rejects with a ScanStopped when it was stopped before.
   * @throws {BusError}
   */
  start(adapter: Path, adapterUse: AdapterUse): Promise<void>;
  /** Resolves when the adapter scans for us no more. Never throws. */
  stop(): Promise<void>;
}

export class ScanStopped extends Error {
  override readonly name = "ScanStopped";
}

/** The turn, or the waiting for it, is kept for `afterScanMs` after a scan, for the connection that may follow. */
export function createScanning(discovery: Discovery, times: Pick<KeepTimes, "scanMs" | "afterScanMs">): Scanning {
  let stopped = new AbortController();
  let beginning: Promise<Use | undefined> = Promise.resolve(undefined);
  let givingWay: Promise<void> = Promise.resolve();

  async function begin(adapter: Path, adapterUse: AdapterUse, signal: AbortSignal): Promise<Use> {
    const use = await adapterUse.begin(signal, times.afterScanMs);
    try {
      await discovery.start(adapter);
      givingWay = giveWay(use, signal);
      return use;
    } catch (error) {
      use.end(0);
      throw error;
    }
  }

  /** Nothing, where the scan is stopped before. */
  async function giveWay({ wanted, end }: Use, signal: AbortSignal): Promise<void> {
    try {
      await delay(times.scanMs, undefined, { signal });
      if (!wanted.aborted) await once(wanted, "abort", { signal });
    } catch {
      return;
    }
    await discovery.stop();
    end(0);
  }

  return {
    async start(adapter, adapterUse) {
      stopped = new AbortController();
      beginning = begin(adapter, adapterUse, stopped.signal);
      await beginning;
      stopped.signal.throwIfAborted();
    },
    async stop() {
      stopped.abort(new ScanStopped("the scan was stopped"));
      const use = await beginning.catch(() => undefined);
      beginning = Promise.resolve(undefined);
      await givingWay;
      await discovery.stop();
      use?.end(times.afterScanMs);
    },
  };
}
