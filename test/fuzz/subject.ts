import type { Random } from "./mutation.ts";

/** One kind of answer that is fuzzed. */
export interface Subject {
  readonly name: string;
  /** Published answers, and made ones of every form, whole and sound. */
  sound(random: Random): readonly number[];
  /** The bytes with whatever proves them right made right again, as far as they have a place for it. */
  repaired(bytes: readonly number[], random: Random): readonly number[];
  /** What the driver makes of the bytes: told, or undefined where it refuses. Whatever else it throws is a crash. */
  driver(bytes: Uint8Array): Promise<unknown>;
  /** What the slow decoder makes of them. */
  slow(bytes: readonly number[]): unknown;
}
