import type { Clock } from "./clock.ts";

/** Something that is owed to us: for how long we are patient, and what to do then. */
export interface Debt {
  readonly patienceMs: number;
  isOwed(): boolean;
  onOverdue(): void;
}

export interface DebtWatch {
  /** To be called after everything that can make a debt or pay it off. */
  review(): void;
  /** A part was paid: patience begins anew for the rest. */
  paid(): void;
}

/** Calls `onOverdue` when a debt has stood for too long, and again for as long again. Sleeps only while there is one. */
export function watchDebt(debt: Debt, clock: Clock, signal: AbortSignal): DebtWatch {
  let since: number | undefined;
  let isWatching = false;

  async function watch() {
    isWatching = true;
    while (since !== undefined && !signal.aborted) {
      const left = since + debt.patienceMs - clock.monotonic();
      if (left > 0) await clock.sleep(left, signal).catch(() => {});
      else {
        since = undefined;
        debt.onOverdue();
        review();
      }
    }
    isWatching = false;
  }
  function review() {
    since = debt.isOwed() ? (since ?? clock.monotonic()) : undefined;
    if (since !== undefined && !isWatching) void watch();
  }
  return {
    review,
    paid() {
      since = undefined;
      review();
    },
  };
}
