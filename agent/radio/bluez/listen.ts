import { firstAborted, whenAborted } from "../../../common/runtime/abort.ts";
import type { AdapterLease } from "../sharing/adapter-lease.ts";
import type { Leases } from "../sharing/lease.ts";
import { type DiscoveryDeps, startDiscovery } from "./discovery.ts";
import type { Path } from "./objects.ts";

export interface ListenTimes {
  /** One scan, within the time for which an adapter lease may be held. The kernel ends a scan after 10 s. */
  readonly listenMs: number;
  /**
   * One scan in which our own device is not received with further data. Linux asks the controller to report a device once
   * a scan; most controllers report new data all the same, and a strict one needs another scan.
   */
  readonly strictListenMs: number;
  /** After a scan that gave way, so that the waiting process gets the lease and not this one again. */
  readonly giveWayMs: number;
}

export const LISTEN_TIMES: ListenTimes = { listenMs: 7_000, strictListenMs: 1_500, giveWayMs: 300 };

export interface ListenDeps extends DiscoveryDeps {
  /** Advertisements of our own device so far that differ from the one before. */
  readonly changes: () => number;
  readonly times: DiscoveryDeps["times"] & ListenTimes;
}

/** The leases that one scan for all listening processes takes. */
export interface ListenLeases {
  readonly adapter: AdapterLease;
  /** Among the processes that listen: its holder scans. */
  readonly listening: Leases;
}

/**
 * Keeps the adapter scanning until the signal aborts, as long as no process scans or connects: what one process's scan
 * receives, bluetoothd signals to all. Of the processes that listen one at a time competes for the adapter, and it gives
 * way as soon as another waits.
 * @throws {RadioError} {BusError} the reason of the signal
 */
export async function listenUnderLease(
  adapter: Path,
  leases: ListenLeases,
  deps: ListenDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const turn = await leases.listening.acquire(signal);
    const over = firstAborted(turn.expired, signal);
    try {
      while (!over.signal.aborted) await scanOnce(adapter, leases.adapter, deps, over.signal, signal);
    } finally {
      over.release();
      await turn.release();
    }
  }
}

async function scanOnce(
  adapter: Path,
  lease: AdapterLease,
  deps: ListenDeps,
  over: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const { clock, times, changes } = deps;
  // A place in the queue is kept when the turn is over: with many waiting it would never come otherwise.
  const use = await lease.use(signal, 0);
  const ended = firstAborted(over, use.contended, use.expired);
  try {
    if (ended.signal.aborted) return;
    const before = changes();
    const discovery = await startDiscovery(adapter, deps);
    await clock.sleep(times.strictListenMs, ended.signal).catch(() => {});
    const isStrict = changes() - before < 2;
    if (!isStrict) await clock.sleep(times.listenMs - times.strictListenMs, ended.signal).catch(() => {});
    await discovery.stop();
  } finally {
    ended.release();
    const isContended = use.contended.aborted;
    use.end(0);
    await whenAborted(use.expired, signal);
    if (isContended) await clock.sleep(times.giveWayMs, signal).catch(() => {});
  }
}
