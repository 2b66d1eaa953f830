import { QUANTITIES, type Quantity, type QuantitySpec } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { ConditionView } from "../model/views.ts";

type Kind = ConditionView["kind"];

/** Every quantity with a state, in the order of the vocabulary. */
export const CONDITION_KINDS: readonly (readonly [Quantity, Kind])[] = [
  ["ovp", "protection"],
  ["uvp", "protection"],
  ["bov", "protection"],
  ["buv", "protection"],
  ["cot", "protection"],
  ["cut", "protection"],
  ["dot", "protection"],
  ["dut", "protection"],
  ["coc", "protection"],
  ["duc", "protection"],
  ["sc", "protection"],
  ["ic", "fault"],
  ["cnf", "switch"],
  ["cmf", "fault"],
  ["dmf", "fault"],
  ["aovp", "alarm"],
  ["auvp", "alarm"],
  ["abov", "alarm"],
  ["abuv", "alarm"],
  ["acot", "alarm"],
  ["acut", "alarm"],
  ["adot", "alarm"],
  ["adut", "alarm"],
  ["acoc", "alarm"],
  ["aduc", "alarm"],
  ["adelta", "alarm"],
  ["alow", "alarm"],
];

/** By the two lowest bits of `fet`: charging on, discharging on. */
const SWITCHED_OFF = [
  "charging and discharging are switched off",
  "discharging is switched off",
  "charging is switched off",
] as const;

/** Conditions that a battery reports beyond its values, in words: protections, faults, alarms, and what is switched off. */
export function conditionsOf(sample: Sample): ConditionView[] {
  const conditions = CONDITION_KINDS.filter(([quantity]) => sample[quantity] === 1).map(([quantity, kind]) => ({
    quantity,
    text: wordsOf(quantity),
    kind,
  }));
  const off = sample.fet === undefined ? undefined : SWITCHED_OFF[sample.fet & 0b11];
  return off === undefined ? conditions : [...conditions, { quantity: "fet", text: off, kind: "switch" }];
}

function wordsOf(quantity: Quantity): string {
  const { state, about }: QuantitySpec = QUANTITIES[quantity];
  return state ?? about;
}
