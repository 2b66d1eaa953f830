import { uptime as coarseUptimeS } from "node:os";

/** Time as a dependency: the real clock, or a virtual one that does not wait. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch. May be set to any time at any moment. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back, and stands still while the machine sleeps. */
  monotonic(): number;
  /** Milliseconds since boot, sleep of the machine included. Never goes back; the same for all processes of a boot. */
  uptime(): number;
  /** Resolves after `ms`, at once where that is negative; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  uptime: uptimeClock(
    () => Number(process.hrtime.bigint()) / 1e6,
    () => coarseUptimeS() * 1000,
  ),
  sleep: (ms, signal) => sleepOn(ms, signal, setTimeout, clearTimeout),
};

/** More than the second by which `os.uptime()` may lag where /proc/uptime is hidden. */
const COARSE_MS = 1_100;

/**
 * Combines a fine clock that stands still while the machine sleeps (CLOCK_MONOTONIC) with a coarse one that does not
 * (CLOCK_BOOTTIME, which Node reads to the second where /proc/uptime is hidden). A sleep shorter than 2.1 s may be missed.
 * A coarse clock that lags is ignored: it belongs to a container.
 */
export function uptimeClock(fine: () => number, coarse: () => number): () => number {
  let asleepMs = 0;
  return () => {
    // In this order a pause of the process between the two calls is not taken for sleep.
    const coarseMs = coarse();
    const fineMs = fine();
    const aheadMs = coarseMs - (fineMs + asleepMs);
    if (aheadMs > COARSE_MS) asleepMs += aheadMs;
    return fineMs + asleepMs;
  };
}

/**
 * A clock that stands still while any code can run and then jumps to the earliest pending sleep. Hours of timeouts pass in
 * microseconds, in the same order every time. Only for code whose every wait is on this clock: pending sockets and files
 * do not hold it back.
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
    const entry = { at: elapsed + ms, order: order++, wake };
    waiting.push(entry);
    waiting.sort((a, b) => a.at - b.at || a.order - b.order);
    schedule();
    return entry;
  }
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    uptime: () => elapsed,
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
    const timer = start(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The outcome of `work`, or the error that `late` returns when it takes longer than `ms`. */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return race(clock, ms, work, () => {
    throw late();
  });
}

/** The outcome of `work`, or undefined when it takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  return race(clock, ms, work, () => undefined);
}

/** Leaves no timer behind. */
async function race<T, L>(clock: Clock, ms: number, work: Promise<T>, onLate: () => L): Promise<T | L> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(onLate, () => new Promise<never>(() => {}));
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
