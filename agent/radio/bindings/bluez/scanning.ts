import type { AdapterUse, Use } from "./adapter-use.ts";
import type { Discovery } from "./discovery.ts";
import type { Path } from "./objects.ts";

/** A scan in the adapter's turn. */
export interface Scanning {
  /** Resolves when the adapter scans for us. Rejects with a ScanStopped when it was stopped before. @throws {BusError} */
  start(adapter: Path, adapterUse: AdapterUse): Promise<void>;
  /** Resolves when the adapter scans for us no more. Never throws. */
  stop(): Promise<void>;
}

export class ScanStopped extends Error {
  override readonly name = "ScanStopped";
}

/** The turn, or the waiting for it, is kept for `keepMs` after a scan, for the connection that may follow. */
export function createScanning(discovery: Discovery, keepMs: number): Scanning {
  let stopped = new AbortController();
  let beginning: Promise<Use | undefined> = Promise.resolve(undefined);

  async function begin(adapter: Path, adapterUse: AdapterUse, signal: AbortSignal): Promise<Use> {
    const use = await adapterUse.begin(signal, keepMs);
    try {
      await discovery.start(adapter);
      return use;
    } catch (error) {
      use.end(0);
      throw error;
    }
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
      await discovery.stop();
      use?.end(keepMs);
    },
  };
}
