import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Ledger } from "./ledger.ts";
import type { Spool } from "./spool/spool.ts";

/** `away`: readings are written while the aggregator is away. `always`: each reading is written at once. */
export const SPOOL_WHEN = ["away", "always"] as const;
export type SpoolWhen = (typeof SPOOL_WHEN)[number];

/** The directory in which undelivered readings outlive their agent, and when they are written there. */
export interface SpoolOptions {
  readonly folder: string;
  readonly when: SpoolWhen;
}

export interface SpoolPlan {
  readonly spool: Spool;
  readonly when: SpoolWhen;
  /** Identity of this run. Readings of other runs are on disk already. */
  readonly run: string;
}

/** The copy on disk of the readings that are not settled. It follows the ledger. */
export interface PersistedReadings {
  /** Writes everything at once, now and from here on: the program is ending. */
  flush(): void;
  /** Readings of this run that are in memory only. */
  readonly unpersisted: number;
  readonly bytes: number;
  close(): Promise<void>;
}

/**
 * Longest time between writing and syncing to disk. During an outage it is as long as readings stay unsettled without one,
 * so that a power cut costs the same in both.
 */
export const SYNC_AFTER_MS: Record<SpoolWhen, number> = { away: 30_000, always: 0 };

/** Longest time that a reading waits to be accepted before it is written. Without an outage nothing is written. */
export const WAIT_MS = 10_000;

/** Writes readings of the ledger to the spool by the plan, and removes files whose readings are all settled. */
export function persist(
  { spool, when, run }: SpoolPlan,
  ledger: Ledger,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): PersistedReadings {
  const closing = new AbortController();
  /** `outage`: each reading is written at once, until all are accepted. `always`: from here on. */
  let mode: "memory" | "outage" | "always" = when === "always" ? "always" : "memory";
  let isWaiting = false;

  const unpersisted = () => ledger.heldAfter(run, spool.reached(run));

  function update() {
    if (closing.signal.aborted) return;
    if (mode === "outage" && ledger.waitingSince === undefined) mode = "memory";
    if (mode === "memory") void waitForOutage();
    else spool.append(unpersisted());
    spool.release((of) => ledger.oldestHeld(of));
  }
  async function waitForOutage() {
    if (isWaiting) return;
    isWaiting = true;
    for (let since = ledger.waitingSince; since !== undefined && mode === "memory"; since = ledger.waitingSince) {
      const leftMs = since + WAIT_MS - clock.monotonic();
      if (leftMs > 0) await clock.sleep(leftMs, closing.signal).catch(() => {});
      else beginOutage();
      if (closing.signal.aborted) return;
    }
    isWaiting = false;
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
      spool.syncSoon();
      update();
    },
    get unpersisted() {
      return unpersisted().length;
    },
    get bytes() {
      return spool.bytes;
    },
    async close() {
      closing.abort();
      await spool.close(unpersisted());
    },
  };
}
