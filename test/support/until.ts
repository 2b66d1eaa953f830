import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits for what another program will have done, by looking again and again. An error of the look counts as "not yet" and
 * is told when the time is over.
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
