import type { RegisterChange } from "../../../agent/drivers/jbd/settings/settings.ts";
import { countOf, wordOf } from "../../../simulator/jbd/word.ts";
import { between } from "../../../simulator/random.ts";

/**
 * Counts by which an application changes each register: small enough that every rule between parameters still holds, and
 * so that no fault of the simulator turns an old value into a new one.
 */
const STEPS: ReadonlyMap<number, number> = new Map([
  ...([0x12, 0x13, 0x24, 0x25, 0x2a].map((register) => [register, -10]) as [number, number][]),
  ...([0x26, 0x27].map((register) => [register, 10]) as [number, number][]),
  ...([0x18, 0x19, 0x1c, 0x1d].map((register) => [register, -10]) as [number, number][]),
  ...([0x1e, 0x1f].map((register) => [register, 10]) as [number, number][]),
  ...([0x20, 0x21].map((register) => [register, -10]) as [number, number][]),
  ...([0x22, 0x23].map((register) => [register, 10]) as [number, number][]),
  [0x28, -200],
  [0x29, 200],
  [0x2b, 5],
  // Each byte by 5.
  ...([0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f].map((register) => [register, 0x0505]) as [number, number][]),
]);

/** Between one change and eight, of different registers in a random order. */
export function randomChanges(registers: ReadonlyMap<number, Uint8Array>, random: () => number): RegisterChange[] {
  const candidates = [...STEPS.keys()].map((register) => ({ register, place: random() }));
  const count = Math.floor(between(random, 1, 9));
  return candidates
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .flatMap(({ register }) => {
      const before = registers.get(register);
      const old = countOf(before);
      if (!before || old === undefined) return [];
      return [{ register, before, after: wordOf(old + (STEPS.get(register) ?? 0)) }];
    });
}
