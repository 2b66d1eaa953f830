import type { Socket } from "node:net";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Locks, ProcessLock } from "../../../common/runtime/process-lock.ts";
import { createWaitQueue, joinQueue, type WaitQueue } from "./wait-queue.ts";

/**
 * Leases on a resource that processes share, such as scanning and connecting on one Bluetooth adapter. There is no
 * supervisor: a lease is a lock, which the kernel frees when its holder dies in any way. It lasts `holdMs` at most, so a
 * process that still holds one after `passOverMs` is frozen. The next waiter then takes the next slot, a lock of its
 * own, and the frozen holder finds its lease expired as soon as it continues. The longest waiting process is first.
 *
 * Slot n is the valid lease while all lower slots are held by frozen processes and no higher slot is held.
 */
export interface Leases {
  /** Waits for the lease. Rejects with the signal's reason. @throws {Error} when frozen processes hold every slot */
  acquire(signal: AbortSignal): Promise<Lease>;
  /** Closes what is open towards frozen holders. A lease that was acquired stays. */
  close(): void;
}

export interface Lease {
  /** Aborts when the lease has ended: released, or held too long. */
  readonly expired: AbortSignal;
  /** Aborts when another process begins to wait for it. */
  readonly contended: AbortSignal;
  /** Compares the clock: a process that was suspended must ask, because its timers may not have run yet. */
  isValid(): boolean;
  release(): Promise<void>;
}

export interface LeaseTimes {
  readonly holdMs: number;
  readonly passOverMs: number;
  /** A running process acknowledges a connection within this time. */
  readonly acknowledgeMs: number;
  /** Between the attempts of the waiters, in the order of their ranks. */
  readonly stepMs: number;
}

const TIMES: LeaseTimes = { holdMs: 8_000, passOverMs: 10_000, acknowledgeMs: 300, stepMs: 25 };
/** Up to one less frozen holders are passed over. */
const SLOTS = 8;

export interface LeaseDeps {
  readonly clock: Clock;
  readonly locks: Locks;
}

export function leasesOn(resource: string, times: Partial<LeaseTimes>, { clock, locks }: LeaseDeps): Leases {
  const { holdMs, passOverMs, acknowledgeMs, stepMs } = { ...TIMES, ...times };
  /** By slot: the connection to a holder that was found frozen. It stays open and silent for as long as that is so. */
  const frozen = new Map<number, Socket>();
  const slotName = (slot: number) => `lease ${slot} on ${resource}`;
  const joinSlot = (slot: number, waitedMs: number) => joinQueue(locks.socketPath(slotName(slot)), waitedMs, clock);
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);

  async function acquire(signal: AbortSignal): Promise<Lease> {
    const sinceMs = clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      const slot = slots.find((candidate) => !frozen.has(candidate));
      if (slot === undefined) throw new Error(`${SLOTS} frozen processes hold the lease on ${resource}: end them`);
      const lease = await lockSlot(slot);
      const occupied = lease ? await competingSlot(slot) : slot;
      if (lease && occupied === undefined && !signal.aborted) return lease;
      await lease?.release();
      if (occupied !== undefined) await waitFor(occupied, clock.monotonic() - sinceMs, signal);
    }
  }

  /** The lease of this slot; undefined when another process holds it. */
  async function lockSlot(slot: number): Promise<Lease | undefined> {
    const contended = new AbortController();
    const queue = createWaitQueue(clock, () => contended.abort());
    const lock = await locks.queued(slotName(slot), queue.add);
    return lock && begin(lock, queue, contended.signal);
  }

  function begin(lock: ProcessLock, queue: WaitQueue, contended: AbortSignal): Lease {
    const endsAtMs = clock.monotonic() + holdMs;
    const expired = new AbortController();
    const release = async () => {
      const released = lock.release();
      queue.release();
      expired.abort();
      await released;
    };
    clock.sleep(holdMs, expired.signal).then(release, () => {});
    return {
      expired: expired.signal,
      contended,
      isValid: () => !expired.signal.aborted && clock.monotonic() < endsAtMs,
      release,
    };
  }

  /** The slot of a competing holder: any higher slot, or a lower one whose holder runs. */
  async function competingSlot(slot: number): Promise<number | undefined> {
    for (const other of slots) {
      if (other === slot || (other > slot && frozen.has(other))) continue;
      const holder = await joinSlot(other, 0);
      if (!holder) continue;
      const isCompeting = other > slot || (await holder.isAcknowledged(acknowledgeMs));
      holder.socket.destroy();
      if (isCompeting) return other;
    }
    return undefined;
  }

  /** Waits until the slot is free, or its holder must be frozen. */
  async function waitFor(slot: number, waitedMs: number, signal: AbortSignal): Promise<void> {
    const holder = await joinSlot(slot, waitedMs);
    if (!holder) return clock.sleep(stepMs, signal).catch(() => {});
    const rank = await holder.released(passOverMs, signal).catch((reason: unknown) => {
      holder.socket.destroy();
      throw reason;
    });
    if (rank !== undefined) await clock.sleep(rank * stepMs, signal).catch(() => {});
    else if (frozen.has(slot)) holder.socket.destroy();
    else {
      frozen.set(slot, holder.socket.unref());
      holder.socket.once("data", () => holder.socket.destroy()).once("close", () => frozen.delete(slot));
    }
  }

  return {
    acquire,
    close() {
      for (const socket of frozen.values()) socket.destroy();
    },
  };
}
