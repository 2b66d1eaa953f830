import type { Registers } from "./factory-settings.ts";
import { type JbdState, PROTECTIONS } from "./state.ts";
import { countOf } from "./word.ts";

type Name = (typeof PROTECTIONS)[number]["name"];

/** A protection with the register of its limit; the next register is that of its release. */
interface Limit {
  readonly name: Name;
  readonly register: number;
  readonly acts: "above" | "below";
  /** The value in counts of the registers; undefined where it does not matter at present. */
  counts(state: JbdState): number | undefined;
}

const highest = ({ cells }: JbdState) => Math.max(...cells);
const lowest = ({ cells }: JbdState) => Math.min(...cells);
const pack = (state: JbdState) => Math.round(state.pack.head.volts * 100);
const celsius = ({ pack: { temperatures } }: JbdState) => temperatures.filter((degrees) => degrees !== undefined);
const kelvins = (degrees: number) => Math.round(degrees * 10) + 2731;
const warmest = (state: JbdState) => kelvins(Math.max(...celsius(state)));
const coldest = (state: JbdState) => kelvins(Math.min(...celsius(state)));
const ifCharging = (counts: (state: JbdState) => number) => (state: JbdState) =>
  state.amps > 0 ? counts(state) : undefined;
const ifDischarging = (counts: (state: JbdState) => number) => (state: JbdState) =>
  state.amps < 0 ? counts(state) : undefined;

/** Delays are not simulated: a protection acts at the next answer. */
const LIMITS: readonly Limit[] = [
  { name: "ovp", register: 0x24, acts: "above", counts: highest },
  { name: "uvp", register: 0x26, acts: "below", counts: lowest },
  { name: "bov", register: 0x20, acts: "above", counts: pack },
  { name: "buv", register: 0x22, acts: "below", counts: pack },
  { name: "cot", register: 0x18, acts: "above", counts: ifCharging(warmest) },
  { name: "cut", register: 0x1a, acts: "below", counts: ifCharging(coldest) },
  { name: "dot", register: 0x1c, acts: "above", counts: ifDischarging(warmest) },
  { name: "dut", register: 0x1e, acts: "below", counts: ifDischarging(coldest) },
];

/** The protections that act in a state, by the bits of the protection word; `acting` are those that acted before. */
export function protectionsAt(state: JbdState, limits: Registers, acting: number): number {
  return LIMITS.reduce((word, { name, register, acts, counts }) => {
    const bit = 1 << PROTECTIONS.findIndex((protection) => protection.name === name);
    const isActing = (acting & bit) !== 0;
    const limit = countOf(limits.get(isActing ? register + 1 : register));
    const value = counts(state);
    if (limit === undefined || value === undefined) return word | (acting & bit);
    return (acts === "above" ? value > limit : value < limit) ? word | bit : word;
  }, 0);
}
