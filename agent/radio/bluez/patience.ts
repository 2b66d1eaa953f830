/** How long a process may be without an answer before it would rather have its adapter switched off and on. */
export interface Patience {
  /** The device has told something. */
  answered(): void;
  /** The link has ended. */
  lost(): void;
  /** The adapter has come on: everything gets another chance. */
  restarted(): void;
  isOver(): boolean;
}

export interface PatienceTimes {
  /** Without an answer, before the adapter is switched for the first time. */
  readonly firstMs: number;
  /** Between two switchings without an answer, at least; the double for each one more. */
  readonly nextMs: number;
  readonly longestMs: number;
}

const MINUTE_MS = 60_000;

export function patienceTimes(firstMs: number): PatienceTimes {
  return { firstMs, nextMs: Math.max(15 * MINUTE_MS, firstMs), longestMs: 24 * 60 * MINUTE_MS };
}

/**
 * While a link stands that has brought an answer, all is well however seldom its device is asked. A battery that is
 * absent all winter may be the only one on its adapter, so patience grows with each switching that has not helped.
 */
export function createPatience({ firstMs, nextMs, longestMs }: PatienceTimes, now: () => number): Patience {
  let since = now();
  let isAnswered = false;
  let restarts = 0;
  return {
    answered() {
      isAnswered = true;
      restarts = 0;
    },
    lost() {
      if (isAnswered) since = now();
      isAnswered = false;
    },
    restarted() {
      since = now();
      isAnswered = false;
      restarts += 1;
    },
    isOver() {
      const limitMs = restarts === 0 ? firstMs : Math.min(nextMs * 2 ** (restarts - 1), longestMs);
      return !isAnswered && now() - since >= limitMs;
    },
  };
}
