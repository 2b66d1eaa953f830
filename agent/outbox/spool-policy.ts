import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { Ledger } from "./ledger.ts";
import type { Spool } from "./spool/spool.ts";

/** A copy of what is not settled, on disk. */
export interface DiskCopy {
  /** To be called after everything that changes the ledger. */
  review(): void;
  /** From here on everything is copied at once: the end is near. */
  secure(): void;
  /** Readings of this run that are in memory only. */
  readonly uncopied: number;
  readonly bytes: number;
  close(): Promise<void>;
}

/** Copy readings only when one waits or the end is near, or each as it is taken. */
export const SPOOL_WHEN = ["away", "always"] as const;
export type SpoolWhen = (typeof SPOOL_WHEN)[number];

/** The directory in which undelivered readings outlive their agent, and when they are written there. */
export interface SpoolOptions {
  readonly folder: string;
  readonly when: SpoolWhen;
}

export interface DiskPolicy {
  readonly spool: Spool;
  readonly when: SpoolWhen;
  /** Identity of this run. Other runs' readings are on disk already. */
  readonly run: string;
}

/**
 * How long what is written may wait for the disk: in an outage no longer than readings are unsettled in calm, so that a
 * power cut costs the same in both.
 */
export const SYNC_AFTER_MS: Record<SpoolWhen, number> = { away: 30_000, always: 0 };

/** How long a reading may wait to be accepted before it is copied, ms. While all is well nothing is written to the disk. */
export const WAIT_MS = 10_000;

export function copyToDisk({ spool, when, run }: DiskPolicy, ledger: Ledger, clock: Clock, log: Log): DiskCopy {
  const closing = new AbortController();
  let isCopying = when === "always";
  let isEnding = false;
  let isWatching = false;

  const uncopied = () => ledger.heldAfter(run, spool.reached(run));

  function review() {
    if (closing.signal.aborted) return;
    if (when === "away" && !isEnding && ledger.waitingSince === undefined) isCopying = false;
    if (isCopying) spool.append(uncopied());
    else void watch();
    spool.release((of) => ledger.oldestHeld(of));
  }
  async function watch() {
    if (isWatching) return;
    isWatching = true;
    for (let since = ledger.waitingSince; since !== undefined && !isCopying; since = ledger.waitingSince) {
      const left = since + WAIT_MS - clock.monotonic();
      if (left > 0) await clock.sleep(left, closing.signal).catch(() => {});
      else isCopying = true;
      if (closing.signal.aborted) return;
    }
    isWatching = false;
    if (!isCopying || isEnding) return;
    log.info("readings wait to be accepted: they are kept on disk as well");
    review();
  }
  return {
    review,
    secure() {
      isCopying = true;
      isEnding = true;
      spool.hasten();
      review();
    },
    get uncopied() {
      return uncopied().length;
    },
    get bytes() {
      return spool.bytes;
    },
    async close() {
      closing.abort();
      await spool.close(uncopied());
    },
  };
}
