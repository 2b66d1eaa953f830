import type { Row } from "../common/model/row.ts";
import type { Log } from "../common/runtime/log.ts";

/**
 * Receives each batch of new readings, oldest first. Nothing waits for it and nothing depends on it: a batch may come again
 * after an output was lost, and batches are not repeated for an observer that misses one.
 */
export type Observer = (readings: readonly Row[]) => void;

/** Passes readings to every observer. One that throws or rejects is logged the first time, and called again all the same. */
export function createObservers(observers: readonly Observer[], log: Log): Observer {
  const failed = new Set<Observer>();
  function fail(observer: Observer, error: unknown) {
    if (!failed.has(observer)) log.error(`an observer of readings failed, delivery goes on: ${String(error)}`);
    failed.add(observer);
  }
  return (readings) => {
    for (const observer of observers) {
      try {
        const result: unknown = observer(readings);
        if (result instanceof Promise) result.catch((error) => fail(observer, error));
      } catch (error) {
        fail(observer, error);
      }
    }
  };
}
