/** Time as an effect that can be handed in: the real one, or a virtual one that waits for nothing. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleepOn(ms, signal, setTimeout, clearTimeout),
};

/**
 * A clock that stands still while anything can run and then jumps to the next moment that somebody waits for. Whole
 * sessions with their timeouts pass in microseconds, in the same order every time. Only for code whose every wait is on
 * this clock: it cannot see a pending socket or file.
 */
export function virtualClock(startMs = 0): Clock {
  let elapsed = 0;
  let order = 0;
  let ticking = false;
  const waiting: { at: number; order: number; wake: () => void }[] = [];

  function tick() {
    ticking = false;
    const next = waiting.shift();
    if (!next) return;
    elapsed = Math.max(elapsed, next.at);
    next.wake();
    schedule();
  }
  function schedule() {
    if (ticking || waiting.length === 0) return;
    ticking = true;
    setImmediate(tick);
  }
  function start(wake: () => void, ms: number) {
    const entry = { at: elapsed + Math.max(0, ms), order: order++, wake };
    waiting.push(entry);
    waiting.sort((a, b) => a.at - b.at || a.order - b.order);
    schedule();
    return entry;
  }
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      sleepOn(ms, signal, start, (entry) => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
      }),
  };
}

function sleepOn<T>(
  ms: number,
  signal: AbortSignal | undefined,
  start: (wake: () => void, ms: number) => T,
  cancel: (timer: T) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel(timer);
      reject(signal?.reason);
    };
    const timer = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The outcome of `work`, or of `late()` when it takes longer than `ms`; the wait is cancelled either way. */
export async function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const done = new AbortController();
  const deadline = clock.sleep(ms, done.signal).then(
    () => {
      throw late();
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([work, deadline]);
  } finally {
    done.abort();
  }
}
