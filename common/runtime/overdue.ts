import type { Clock } from "./clock.ts";

/** A condition that must not last longer than `limitMs`. */
export interface TimeLimit {
  readonly limitMs: number;
  isPending(): boolean;
  onOverdue(): void;
}

export interface OverdueWatch {
  /** Checks whether the condition began or ended. Call it after everything that can change it. */
  check(): void;
  /** Restarts the time limit, since part of the work is done. */
  progress(): void;
}

/**
 * Calls `onOverdue` when the condition has lasted for the time limit, and again after each further limit, until `signal`
 * aborts. Sleeps only while the condition lasts.
 */
export function watchOverdue(
  { limitMs, isPending, onOverdue }: TimeLimit,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): OverdueWatch {
  let since: number | undefined;
  let isWatching = false;

  async function watch() {
    isWatching = true;
    while (since !== undefined && !signal.aborted) {
      const leftMs = since + limitMs - clock.monotonic();
      if (leftMs > 0) await clock.sleep(leftMs, signal).catch(() => {});
      else {
        since = undefined;
        onOverdue();
        check();
      }
    }
    isWatching = false;
  }
  function check() {
    since = isPending() ? (since ?? clock.monotonic()) : undefined;
    if (since !== undefined && !isWatching) void watch();
  }
  return {
    check,
    progress() {
      since = undefined;
      check();
    },
  };
}
