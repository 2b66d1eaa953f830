/** Tries of about a second each before the delays begin to grow: a device that was away briefly is back at once. */
const QUICK_TRIES = 10;
const QUICK_MS = 1_000;
/** With a connection attempt on top, a device that comes back after a long time is found within 30 s. */
const LONGEST_MS = 20_000;

/**
 * Milliseconds to wait before each further try. Each delay lies between half its step and the step, so that agents
 * which lost their devices together do not come back in step. A fresh generator starts over; one without quick tries is
 * for what hurry does not mend.
 */
export function* backoff(random: () => number, quickTries = QUICK_TRIES): Generator<number, never> {
  for (let tries = 0; ; tries += 1) {
    const stepMs = tries < quickTries ? QUICK_MS : Math.min(LONGEST_MS, QUICK_MS * 2 ** (tries - quickTries + 1));
    yield Math.round((stepMs * (1 + random())) / 2);
  }
}
