import { uptime as coarseUptimeS } from "node:os";

/** Time as a dependency: the real clock, or a virtual one that does not wait. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch. May be set to any time at any moment. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back, and stands still while the machine sleeps. */
  monotonic(): number;
  /** Milliseconds since boot, sleep of the machine included. Never goes back; the same for all processes of a boot. */
  uptime(): number;
  /** Calls `call` after `ms`, where that is not positive in the next turn of the event loop. Returns the function that cancels it. */
  timer(ms: number, call: () => void): () => void;
  /** Resolves after `ms`, at once where that is negative; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** CLOCK_MONOTONIC. `performance.now()` is the same from another start, and loads the rest of perf_hooks: 0.2 MB. */
function steadyMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: steadyMs,
  uptime: uptimeClock(steadyMs, () => coarseUptimeS() * 1000),
  timer: systemTimer,
  sleep: (ms, signal) => sleepOn(systemTimer, ms, signal),
};

/** A turn takes microseconds, a timer of Node at least 1 ms. */
function systemTimer(ms: number, call: () => void): () => void {
  if (ms > 0) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(call);
  return () => clearImmediate(immediate);
}

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
  function timer(ms: number, wake: () => void) {
    const entry = { at: elapsed + Math.max(0, ms), order: order++, wake };
    waiting.push(entry);
    waiting.sort((a, b) => a.at - b.at || a.order - b.order);
    schedule();
    return () => {
      const at = waiting.indexOf(entry);
      if (at >= 0) waiting.splice(at, 1);
    };
  }
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    uptime: () => elapsed,
    timer,
    sleep: (ms, signal) => sleepOn(timer, ms, signal),
  };
}

function sleepOn(timer: Clock["timer"], ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = timer(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The outcome of `work`, or the error that `late` returns when it takes longer than `ms`. Leaves no timer behind. */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.timer(ms, () => reject(late()));
    void work.then(resolve, reject).then(cancel);
  });
}

/** The outcome of `work`, or undefined when it takes longer than `ms`. Leaves no timer behind. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.timer(ms, () => resolve(undefined));
    void work.then(resolve, reject).then(cancel);
  });
}
