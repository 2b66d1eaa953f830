import type { Parameter, Value, Values } from "./parameter.ts";
import { SETTINGS } from "./table/table.ts";
import { DANGERS, valueText } from "./words.ts";

/** A setting that two sides do not have in common. An absent value is not known. */
export interface Difference {
  readonly parameter: Parameter;
  readonly before?: Value;
  readonly after?: Value;
}

/** The settings that differ, among those that both sides know. */
export function differences(before: Values, after: Values): readonly Difference[] {
  return SETTINGS.map((parameter) => ({
    parameter,
    before: before[parameter.key],
    after: after[parameter.key],
  })).filter((pair): pair is Required<Difference> => {
    return pair.before !== undefined && pair.after !== undefined && !isSame(pair.before, pair.after);
  });
}

/** The settings that one side knows and the other does not. */
export function oneSided(before: Values, after: Values): readonly Difference[] {
  return SETTINGS.filter(({ key }) => (before[key] === undefined) !== (after[key] === undefined)).map((parameter) => {
    const { [parameter.key]: old } = before;
    const { [parameter.key]: young } = after;
    return { parameter, ...(old !== undefined && { before: old }), ...(young !== undefined && { after: young }) };
  });
}

function isSame(a: Value, b: Value): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)].map(
    // The chip that a coding belongs to is known of one side only.
    (entries) => new Map(entries.filter(([name]) => name !== "chip")),
  );
  if (left?.size !== right?.size) return false;
  return [...(left ?? [])].every(([name, value]) => right?.get(name) === value);
}

/** `cell over-voltage: 3.650 V → 3.750 V (can damage battery or board)`. */
export function differenceText({ parameter, before, after }: Difference): string {
  const side = (value: Value | undefined) => (value === undefined ? "not known" : valueText(parameter, value));
  return `${parameter.label}: ${side(before)} → ${side(after)} (${DANGERS[parameter.danger]})`;
}

/** `cell over-voltage of house changed from 3.650 V to 3.750 V`. */
export function changeText({ parameter, before, after }: Difference, pack: string): string {
  const side = (value: Value | undefined) => (value === undefined ? "not known" : valueText(parameter, value));
  return `${parameter.label} of ${pack} changed from ${side(before)} to ${side(after)}`;
}
