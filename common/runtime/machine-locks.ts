import { accessSync, constants, existsSync } from "node:fs";
import { abstractLocks } from "./abstract-locks.ts";
import { fileLocks } from "./file-locks.ts";
import type { Locks } from "./process-lock.ts";

const RUNTIME_DIRECTORY = "/run/bms";
const LOCKS_DIRECTORY = "/run/bms/locks";

/**
 * Locks on what all users of the machine share: adapters, and devices on the air. Where bms is installed these are files
 * that only root and the group bms reach; for any other user they reject, because locks of another kind would exclude
 * nobody. Elsewhere they are abstract sockets.
 */
export function machineLocks(): Locks {
  return existsSync(RUNTIME_DIRECTORY) ? fileLocks(LOCKS_DIRECTORY) : abstractLocks;
}

/**
 * Locks on what has a path, such as a spool. Any user can lock: only users who may use the path share it. A user who may enter
 * the service's directory and not that of the locks, as the viewer's, locks like one who may enter neither.
 */
export function pathLocks(): Locks {
  const isOpen = existsSync(LOCKS_DIRECTORY) ? isEnterable(LOCKS_DIRECTORY) : isEnterable(RUNTIME_DIRECTORY);
  return isOpen ? fileLocks(LOCKS_DIRECTORY) : abstractLocks;
}

function isEnterable(directory: string): boolean {
  try {
    accessSync(directory, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
