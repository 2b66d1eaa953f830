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
 * aborts. A condition that ends in time wakes nobody.
 */
export function watchOverdue(
  { limitMs, isPending, onOverdue }: TimeLimit,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): OverdueWatch {
  let cancel: (() => void) | undefined;

  function stop() {
    cancel?.();
    cancel = undefined;
  }
  function check() {
    if (signal.aborted || !isPending()) stop();
    else
      cancel ??= clock.timer(limitMs, () => {
        cancel = undefined;
        onOverdue();
        check();
      });
  }
  signal.addEventListener("abort", stop, { once: true });
  return {
    check,
    progress() {
      stop();
      check();
    },
  };
}
