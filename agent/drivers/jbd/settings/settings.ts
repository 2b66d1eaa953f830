import { FrameError } from "../../../codec/frame-error.ts";
import { type Coding, decodeRegister, encodeRegister } from "./codec.ts";
import type { Values } from "./parameter.ts";

/** All that was read of a board. The registers are the truth; the values are what they mean. */
export interface Settings {
  readonly registers: ReadonlyMap<number, Uint8Array>;
  readonly values: Values;
}

/** Data of another size or form than their register's have no value. */
export function decodeSettings(registers: ReadonlyMap<number, Uint8Array>, coding: Coding): Settings {
  const parts = [...registers].map(([register, data]) => understood(() => decodeRegister(register, data, coding)));
  return { registers, values: Object.assign({}, ...parts) };
}

/** Undefined where the data are not of a form that is known. */
export function understood<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}

/** One write: the whole data of a register, and those that it replaces. */
export interface RegisterChange {
  readonly register: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * The registers that differ when these values are set, in ascending order. Values whose register was not read are not among
 * them: nothing is known that could be kept.
 * @throws {RangeError} when a value does not fit its register
 */
export function registerChanges(settings: Settings, wanted: Values, coding: Coding): readonly RegisterChange[] {
  return [...settings.registers]
    .map(([register, before]) => ({ register, before, after: encodeRegister(register, wanted, before, coding) }))
    .filter(({ before, after }) => !sameBytes(before, after))
    .sort((a, b) => a.register - b.register);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
