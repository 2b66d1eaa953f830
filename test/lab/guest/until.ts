import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/**
 * Waits until `condition` holds; returns how many seconds that took.
 * @throws {Error} that names what did not come when it takes longer than `withinSeconds`
 */
export async function until(what: string, withinSeconds: number, condition: () => boolean): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const seconds = (performance.now() - startedAt) / 1000;
    if (condition()) return seconds;
    if (seconds > withinSeconds) throw new Error(`not within ${withinSeconds} s: ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
