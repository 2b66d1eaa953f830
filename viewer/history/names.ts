import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import { isStorable } from "./columns.ts";

/** Numbers of column names: given when a name is first used, and kept with the blocks. */
export interface Names {
  numberOf(name: string): number;
  /** Undefined for an unknown number. */
  nameOf(number: number): string | undefined;
  all(): readonly (readonly [number, string])[];
}

export function createNames(known: Iterable<readonly [number, string]> = []): Names {
  const names = new Map(known);
  const numbers = new Map([...names].map(([number, name]) => [name, number]));
  let last = Math.max(0, ...names.keys());
  return {
    nameOf: (number) => names.get(number),
    numberOf(name) {
      const number = numbers.get(name);
      if (number !== undefined) return number;
      last += 1;
      names.set(last, name);
      numbers.set(name, last);
      return last;
    },
    all: () => [...names],
  };
}

/** The whole number that is stored for a value; undefined where it is too large. */
export function scaled(value: number, decimals: number): number | undefined {
  const whole = Math.round(value * 10 ** decimals);
  // Never -0, which a block cannot hold.
  return isStorable(whole) ? whole + 0 : undefined;
}

/** Division prints clean decimals where multiplication by 0.1 does not. */
export const unscaled = (whole: number, decimals: number) => whole / 10 ** decimals;

export const decimalsOf = (quantity: Quantity) => QUANTITIES[quantity].decimals;
