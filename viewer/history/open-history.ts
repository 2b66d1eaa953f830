import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { memoryBackedStore } from "./backed-store.ts";
import { createHistory, type StoredHistory } from "./history.ts";

export interface OpenHistoryDeps {
  readonly clock: Clock;
  readonly log: Log;
}

/** A history that lasts as long as the process. */
export function openHistory(deps: OpenHistoryDeps): StoredHistory {
  return createHistory(memoryBackedStore(), deps);
}

const FLUSH_MS = 60_000;

/** Flushes once a minute until `stop` aborts. */
export async function keepFlushing(history: StoredHistory, clock: Clock, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await clock.sleep(FLUSH_MS, stop).catch(() => {});
    history.flush();
  }
}
