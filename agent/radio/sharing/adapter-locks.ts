import { machineLocks } from "../../../common/runtime/machine-locks.ts";
import { LockError, type Locks } from "../../../common/runtime/process-lock.ts";
import { RadioError } from "../radio.ts";

/** Locks on adapters. Where nothing can be locked they reject with RadioError not-permitted. */
export function adapterLocks(locks: Locks = machineLocks()): Locks {
  return {
    exclusive: (resource) => locks.exclusive(resource).catch(translate),
    shared: (resource) => locks.shared(resource).catch(translate),
    queued: (resource, onContender) => locks.queued(resource, onContender).catch(translate),
    socketPath: locks.socketPath,
  };
}

function translate(error: unknown): never {
  if (error instanceof LockError) throw new RadioError("not-permitted", error.message, { cause: error });
  throw error;
}
