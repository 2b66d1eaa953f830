import { isLocked, tryLock } from "../../../common/runtime/process-lock.ts";

/**
 * The processes on this machine that use a resource. Each holds a lock of its own, which the kernel frees when the
 * process dies in any way.
 */
export interface Presence {
  leave(): Promise<void>;
}

/** Limit of processes on one resource. */
const SLOTS = 64;

const slotName = (resource: string, slot: number) => `presence ${slot} on ${resource}`;

/** @throws {Error} when 64 processes are present */
export async function joinPresence(resource: string): Promise<Presence> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const held = await tryLock(slotName(resource, slot));
    if (held) return { leave: held.release };
  }
  throw new Error(`${SLOTS} processes use ${resource} already`);
}

/** Number of processes that are present, frozen ones included. */
export async function countPresent(resource: string): Promise<number> {
  const held = await Promise.all(Array.from({ length: SLOTS }, (_, slot) => isLocked(slotName(resource, slot))));
  return held.filter(Boolean).length;
}
