import type { Socket } from "node:net";

/**
 * Locks on resources of this machine, such as a device, an endpoint or an adapter. The kernel frees each when its holder
 * dies, however it dies. Each method resolves with undefined while other processes hold the resource in a way that excludes
 * this one, and rejects with LockError where nothing can be locked.
 */
export interface Locks {
  /** For one process, while none holds a shared lock. */
  exclusive(resource: string): Promise<ProcessLock | undefined>;
  /** For any number of processes, while none holds the exclusive lock. */
  shared(resource: string): Promise<ProcessLock | undefined>;
  /** For one process, which receives the connections of its contenders. */
  queued(resource: string, onContender: OnContender): Promise<ProcessLock | undefined>;
  /** The socket of the holder of a queued lock. Nothing listens there while the lock is free. */
  socketPath(resource: string): string;
}

export interface ProcessLock {
  release(): Promise<void>;
}

/** Receives each connection of a contender, and closes it in the end. */
export type OnContender = (connection: Socket) => void;

/** A lock that another process holds, or that cannot be taken; exit status 1. The message is one sentence with what to do. */
export class LockError extends Error {
  override readonly name = "LockError";
}

/** Connections of contenders at one time; more are closed at once. */
export const MAX_CONTENDERS = 512;

const FNV_OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME = 0x1000000000000000000013bn;

/**
 * The name of a resource's lock. A hash, because the names of sockets are limited to 107 bytes: FNV-1a of 128 bits, as
 * loading Node's crypto costs each process 1 MB.
 */
export function lockName(resource: string): string {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(resource)) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash.toString(16).padStart(32, "0");
}
