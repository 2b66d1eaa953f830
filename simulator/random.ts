import { createHash } from "node:crypto";

/** Uniform random numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(...seed: readonly (string | number)[]): () => number {
  let state = createHash("sha256").update(seed.join(" ")).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random number in [low, high). */
export function between(random: () => number, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Rounded to whole multiples of 1 / per, as the nearest double: `rounded(13.338, 100)` is 13.34. */
export function rounded(value: number, per: number): number {
  const result = Math.round(value * per) / per;
  return result === 0 ? 0 : result;
}

export function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
