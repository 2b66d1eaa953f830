import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Ledger } from "./ledger.ts";
import type { ReadingStore } from "./store.ts";

/** `away`: readings are written while the aggregator is away. `always`: each reading is written at once. */
export const SPOOL_WHEN = ["away", "always"] as const;
export type SpoolWhen = (typeof SPOOL_WHEN)[number];

/** The directory in which undelivered readings outlive a power cut, and when they are written there. */
export interface SpoolOptions {
  readonly folder: string;
  readonly when: SpoolWhen;
}

/** Decides when readings are written to disk. */
export interface Persistence {
  /** Writes everything at once, now and from here on: the program is ending. */
  flush(): void;
  stop(): void;
}

export interface PersistenceDeps {
  readonly store: ReadingStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Longest time between writing and syncing to disk. During an outage it is as long as readings stay unsettled without one,
 * so that a power cut costs the same in both.
 */
export const SYNC_AFTER_MS: Record<SpoolWhen, number> = { away: 30_000, always: 0 };

/** Longest time that a reading waits to be accepted before it is written. Without an outage nothing is written. */
export const WAIT_MS = 10_000;
/** Readings in memory beyond which they are written, even if all are accepted and only wait to be settled. */
const MEMORY_BYTES = 2 * 1024 * 1024;

/** Writes readings to disk by the plan. Readings that are settled, or on disk, are released by the store. */
export function persist(when: SpoolWhen, { store, ledger, clock, log }: PersistenceDeps): Persistence {
  /** `outage`: each reading is written at once, until all are accepted. `always`: from here on. */
  let mode: "memory" | "outage" | "always" = when === "always" ? "always" : "memory";
  /** The begin of an outage, unless the reading that waits longest is accepted before. */
  let coming: { readonly waitingSince: number; cancel(): void } | undefined;
  let isStopped = false;

  function update() {
    if (isStopped) return;
    if (mode === "outage" && ledger.backlog === 0) mode = "memory";
    store.writesThrough = mode !== "memory";
    watchForOutage();
    if (mode === "memory" ? store.memoryBytes > MEMORY_BYTES : store.memoryBytes > 0) store.persist();
  }
  function watchForOutage() {
    const since = mode === "memory" ? store.waitingSince((run) => ledger.firstUnaccepted(run)) : undefined;
    if (since === coming?.waitingSince) return;
    coming?.cancel();
    coming = undefined;
    if (since === undefined) return;
    coming = { waitingSince: since, cancel: clock.timer(since + WAIT_MS - clock.monotonic(), beginOutage) };
  }
  function beginOutage() {
    mode = "outage";
    log.info("readings wait to be accepted: they are kept on disk as well");
    update();
  }

  ledger.observe(update);
  update();
  return {
    flush() {
      mode = "always";
      store.syncSoon();
      update();
    },
    stop() {
      isStopped = true;
      coming?.cancel();
      store.writesThrough = false;
    },
  };
}
