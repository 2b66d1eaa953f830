import type { Clock } from "./clock.ts";

/** A signal derived from others. Release it: its sources may outlive it by months and would keep its listeners. */
export interface DerivedSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** Aborts with the first of several signals. Unlike AbortSignal.any of Node 20 it leaves nothing on a source that lives on. */
export function firstAborted(...sources: AbortSignal[]): DerivedSignal {
  const first = new AbortController();
  const release = () => {
    for (const source of sources) source.removeEventListener("abort", follow);
  };
  function follow() {
    release();
    first.abort(sources.find((source) => source.aborted)?.reason);
  }
  for (const source of sources) source.addEventListener("abort", follow);
  if (sources.some((source) => source.aborted)) follow();
  return { signal: first.signal, release };
}

/** Aborts `ms` after another signal, with its reason. */
export function abortedAfter(source: AbortSignal, ms: number, clock: Clock): DerivedSignal {
  const later = new AbortController();
  const released = new AbortController();
  const follow = () => {
    clock.sleep(ms, released.signal).then(
      () => later.abort(source.reason),
      () => {},
    );
  };
  if (source.aborted) follow();
  else source.addEventListener("abort", follow, { once: true });
  return {
    signal: later.signal,
    release() {
      source.removeEventListener("abort", follow);
      released.abort();
    },
  };
}

/** The outcome of `work`, or a rejection with the signal's reason once it aborts. Leaves no listener behind. */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).then(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Resolves as soon as one of the signals has aborted. Leaves no listener behind. */
export async function whenAborted(...signals: AbortSignal[]): Promise<void> {
  const { signal, release } = firstAborted(...signals);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  release();
}
