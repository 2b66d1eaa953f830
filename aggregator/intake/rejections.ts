import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";

/** How often what was dropped is summed up, ms. */
const SUMMARY_MS = 600_000;

/** Counts what is dropped: the first of a kind is told at once, the others in a summary now and then. */
export interface Refusals {
  count(kind: string, detail: string): void;
  readonly total: number;
  /** Tells what is not told yet. */
  close(): void;
}

export function createRefusals(clock: Clock, log: Log): Refusals {
  const totals = new Map<string, number>();
  const closing = new AbortController();
  let untold = 0;

  function summarise() {
    if (untold === 0) return;
    untold = 0;
    log.warn(`dropped so far: ${[...totals].map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
  }
  return {
    count(kind, detail) {
      const before = totals.get(kind) ?? 0;
      totals.set(kind, before + 1);
      if (before === 0) {
        log.warn(`dropped, ${kind}: ${detail}; more of this kind are only counted`);
        return;
      }
      untold += 1;
      if (untold === 1) clock.sleep(SUMMARY_MS, closing.signal).then(summarise, () => {});
    },
    get total() {
      return [...totals.values()].reduce((sum, count) => sum + count, 0);
    },
    close() {
      closing.abort();
      summarise();
    },
  };
}
