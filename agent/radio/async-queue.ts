/** Values in the order of arrival, pushed by one side and iterated once by the other. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  /** Without effect after the end. */
  push(value: T): void;
  /** Ends the iteration after the values that were pushed before; with an error, the iteration throws it. */
  end(error?: unknown): void;
}

/** The oldest values are dropped when they are not read. */
const MAX_QUEUED = 1_000;

export function createAsyncQueue<T>(): AsyncQueue<T> {
  const queued: T[] = [];
  let ended: { readonly error?: unknown } | undefined;
  let wake = () => {};

  async function* iterate(): AsyncGenerator<T, void, void> {
    for (;;) {
      for (const value of queued.splice(0)) yield value;
      if (queued.length > 0) continue;
      if (ended?.error !== undefined) throw ended.error;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    push(value) {
      if (ended) return;
      queued.push(value);
      if (queued.length > MAX_QUEUED) queued.shift();
      wake();
    },
    end(error) {
      ended ??= { error };
      wake();
    },
    [Symbol.asyncIterator]: iterate,
  };
}
