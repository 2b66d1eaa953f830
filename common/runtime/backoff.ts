export interface BackoffSteps {
  readonly firstMs: number;
  /** How often the first delay is used before the delays begin to double; 1 unless given. */
  readonly firstTries?: number;
  readonly longestMs: number;
}

/**
 * Milliseconds to wait before each further try; a new generator starts over. With `random` (from 0 up to but not including
 * 1) each delay lies between half its step and the step, so that processes which failed together do not retry together.
 */
export function* backoff(
  { firstMs, firstTries = 1, longestMs }: BackoffSteps,
  random: () => number = () => 1,
): Generator<number, never> {
  for (let tries = 1; ; tries += 1) {
    const stepMs = firstMs * 2 ** Math.max(0, tries - firstTries);
    yield Math.round((Math.min(longestMs, stepMs) * (1 + random())) / 2);
  }
}
