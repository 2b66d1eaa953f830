import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";

/** Time from a rejection that is only counted to the summary, ms. */
const SUMMARY_AFTER_MS = 600_000;

/** Counts rejected messages and connections. The first of a kind is logged at once, the others in occasional summaries. */
export interface Rejections {
  count(kind: string, detail: string): void;
  /** By kind, since the start. */
  readonly totals: ReadonlyMap<string, number>;
  /** Logs what is not logged yet. */
  close(): void;
}

export function createRejections(clock: Clock, log: Log): Rejections {
  const totals = new Map<string, number>();
  const closing = new AbortController();
  let pending = 0;

  function summarise() {
    if (pending === 0) return;
    pending = 0;
    log.warn(`rejected so far: ${[...totals].map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
  }
  return {
    totals,
    count(kind, detail) {
      const before = totals.get(kind) ?? 0;
      totals.set(kind, before + 1);
      if (before === 0) {
        log.warn(`rejected, ${kind}: ${detail}; more of this kind are only counted`);
        return;
      }
      pending += 1;
      if (pending === 1) clock.sleep(SUMMARY_AFTER_MS, closing.signal).then(summarise, () => {});
    },
    close() {
      closing.abort();
      summarise();
    },
  };
}
