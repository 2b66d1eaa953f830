import { whenAborted } from "../../../common/runtime/abort.ts";
import type { AdapterLease, KeepTimes } from "../sharing/adapter-lease.ts";
import { type DiscoveryDeps, startDiscovery } from "./discovery.ts";
import type { Path } from "./objects.ts";

export interface ScanDeps extends DiscoveryDeps {
  readonly times: DiscoveryDeps["times"] & Pick<KeepTimes, "scanMs" | "afterScanMs">;
}

/**
 * Scans under the adapter lease until the signal aborts, or until other processes have waited for the lease for long
 * enough: then it is released and nothing is scanned until the signal aborts. After a scan, or a wait for one, the lease
 * is kept for `afterScanMs` for the connection that may follow. `started` is called once the adapter scans.
 * @throws {RadioError} {BusError} the reason of the signal, when it aborts before the start
 */
export async function scanUnderLease(
  adapter: Path,
  lease: AdapterLease,
  deps: ScanDeps,
  started: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, times } = deps;
  const use = await lease.use(signal, times.afterScanMs);
  let keepMs = 0;
  try {
    const discovery = await startDiscovery(adapter, deps);
    try {
      signal.throwIfAborted();
      started();
      await clock.sleep(times.scanMs, signal).catch(() => {});
      await whenAborted(use.contended, signal);
    } finally {
      if (signal.aborted) keepMs = times.afterScanMs;
      await discovery.stop();
    }
  } finally {
    use.end(keepMs);
  }
  await whenAborted(signal);
}
