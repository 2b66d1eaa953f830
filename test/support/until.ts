import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls for a result of another program every `everyMs`. An error counts as "not yet"; the last one becomes the cause of the
 * error after `withinMs`.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 30_000,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}`, { cause: last });
    await sleep(everyMs);
  }
}
