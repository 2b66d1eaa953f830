import type { Limits } from "./limits.ts";
import { memoryStore } from "./memory-store.ts";
import { createNames, type Names } from "./names.ts";
import type { Place, Store } from "./store.ts";

/** A store in memory, in front of a file where there is one. */
export interface BackedStore extends Store {
  readonly names: Names;
  kind(): "disk" | "memory";
  limits(): Limits;
  /** Writes what is not deferred to the file. False if nothing could be written: it stays in memory. */
  commit(isDeferred: (place: Place) => boolean): boolean;
  close(): void;
}

/** What is kept without a file. */
const MEMORY_LIMITS: Limits = { readingDays: 2, minuteDays: 31, bytes: 32e6 };

/** Lasts as long as the process. */
export function memoryBackedStore(): BackedStore {
  return {
    ...memoryStore(),
    names: createNames([], () => {}),
    kind: () => "memory",
    limits: () => MEMORY_LIMITS,
    commit: () => true,
    close() {},
  };
}
