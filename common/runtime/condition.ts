/** A condition variable: code waits for a change made elsewhere and then checks for itself what has changed. */
export interface Condition {
  /** Resolves with the next `notify`. One that came before the call does not count. */
  wait(): Promise<void>;
  notify(): void;
}

export function createCondition(): Condition {
  const waiters: (() => void)[] = [];
  return {
    wait: () => new Promise((resolve) => waiters.push(resolve)),
    notify() {
      for (const resolve of waiters.splice(0)) resolve();
    },
  };
}
