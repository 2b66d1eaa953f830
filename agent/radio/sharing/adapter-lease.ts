import { orAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Locks, ProcessLock } from "../../../common/runtime/process-lock.ts";
import { RadioError } from "../radio.ts";
import { adapterLocks } from "./adapter-locks.ts";
import { type Lease, type Leases, leasesOn } from "./lease.ts";
import { leaseName, useName } from "./names.ts";

/**
 * The lease on an adapter. Uses within this process share one lease, which is kept for a while after the last of them,
 * so that the connection follows the scan that found its device before another process gets the adapter.
 */
export interface AdapterLease {
  /**
   * Waits for the lease. Rejects with the signal's reason; the wait then goes on for `keepMs`, so that a use that follows
   * does not lose its place in the queue. @throws {RadioError} busy
   */
  use(signal: AbortSignal, keepMs: number): Promise<AdapterUse>;
  /** While the lease is kept: for `ms` more, whatever was agreed before. */
  keep(ms: number): void;
  /** While the lease is kept: for `ms` more at most. */
  keepAtMost(ms: number): void;
  close(): Promise<void>;
}

export interface AdapterUse {
  /** Aborts when the lease has ended, though the use may go on: nothing that disturbs others may be begun then. */
  readonly expired: AbortSignal;
  /** Aborts when another process begins to wait for the lease. */
  readonly contended: AbortSignal;
  /** Ends this use; the lease is kept for `keepMs` after the last one. */
  end(keepMs: number): void;
}

/** Durations for which the lease is kept, each in ms. */
export interface KeepTimes {
  /** By a scan that receives nothing, once others wait: an absent device must not cost them more. */
  readonly scanMs: number;
  /** After a scan, for the connection that may follow, and after a connection to a forgotten device, for a scan. */
  readonly afterScanMs: number;
  /** After a connection, for the first step on it. */
  readonly afterConnectMs: number;
  /**
   * After that step: most packs ask for other connection parameters some 0.2 s after a subscription, and another
   * connection under way at that moment stalls Linux 6.1 for 4 s and leaves a link that cannot be ended.
   */
  readonly parameterUpdateMs: number;
}

export const KEEP_TIMES: KeepTimes = { scanMs: 1_000, afterScanMs: 200, afterConnectMs: 2_000, parameterUpdateMs: 600 };

/** The lease on the adapter with this name of the kernel's. Beside raw HCI every use rejects with RadioError busy. */
export function leaseAdapter(
  adapter: string,
  { clock, locks = adapterLocks() }: { readonly clock: Clock; readonly locks?: Locks },
): AdapterLease {
  const shared = shareLease(leasesOn(leaseName(adapter), {}, { clock, locks }), clock);
  let joined: Promise<ProcessLock | undefined> | undefined;

  /** Keeps raw HCI off the adapter until the lease is closed. */
  async function join() {
    joined ??= locks.shared(useName(adapter));
    const joining = joined;
    if (await joining.catch(() => undefined)) return;
    if (joined === joining) joined = undefined;
    await joining;
    const remedy = "end that one, or give it --radio bluez too";
    throw new RadioError("busy", `another bms-agent has ${adapter} to itself for raw HCI: ${remedy}`);
  }
  return {
    ...shared,
    async use(signal, keepMs) {
      await join();
      return shared.use(signal, keepMs);
    },
    async close() {
      await shared.close();
      await joined?.then((lock) => lock?.release()).catch(() => {});
    },
  };
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "acquiring"; readonly lease: Promise<Lease>; readonly giveUp: AbortController }
  | { readonly kind: "held"; readonly lease: Lease };

export function shareLease(leases: Leases, clock: Clock): AdapterLease {
  let state: State = { kind: "idle" };
  let uses = 0;
  /** Set while nobody uses the lease, and it is kept, or waited for, all the same. */
  let kept: { readonly untilMs: number; readonly cancel: AbortController } | undefined;

  function acquire(): Promise<Lease> {
    if (state.kind === "acquiring") return state.lease;
    if (state.kind === "held" && state.lease.isValid()) return Promise.resolve(state.lease);
    const giveUp = new AbortController();
    const isCurrent = () => state.kind === "acquiring" && state.giveUp === giveUp;
    const acquired = leases.acquire(giveUp.signal).then(
      async (lease) => {
        if (!isCurrent()) {
          await lease.release();
          return lease;
        }
        state = { kind: "held", lease };
        if (uses === 0 && !kept) await release();
        return lease;
      },
      (error: unknown) => {
        if (isCurrent()) state = { kind: "idle" };
        throw error;
      },
    );
    state = { kind: "acquiring", lease: acquired, giveUp };
    return acquired;
  }

  async function release(): Promise<void> {
    kept?.cancel.abort();
    kept = undefined;
    const ended = state;
    state = { kind: "idle" };
    if (ended.kind === "acquiring") ended.giveUp.abort();
    if (ended.kind === "held") await ended.lease.release();
  }

  function keep(ms: number) {
    kept?.cancel.abort();
    const cancel = new AbortController();
    kept = { untilMs: clock.monotonic() + ms, cancel };
    clock.sleep(ms, cancel.signal).then(release, () => {});
  }

  function end(keepMs: number) {
    uses -= 1;
    if (uses === 0) keep(keepMs);
  }

  return {
    async use(signal, keepMs) {
      kept?.cancel.abort();
      kept = undefined;
      uses += 1;
      try {
        const { expired, contended } = await orAborted(signal, acquire());
        let hasEnded = false;
        return {
          expired,
          contended,
          end(keepMs) {
            if (!hasEnded) end(keepMs);
            hasEnded = true;
          },
        };
      } catch (error) {
        end(keepMs);
        throw error;
      }
    },
    keep(ms) {
      if (kept) keep(ms);
    },
    keepAtMost(ms) {
      if (kept && clock.monotonic() + ms < kept.untilMs) keep(ms);
    },
    async close() {
      await release();
      leases.close();
    },
  };
}
