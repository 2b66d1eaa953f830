import type { Parameter, Value, Values } from "./parameter.ts";
import { SETTINGS, settingOf } from "./table/table.ts";
import { shownNumber, valueText } from "./words.ts";

/** `KEY=VALUE` as a person writes it. */
export interface Assignment {
  readonly key: string;
  readonly value: Value;
  /** The bit of a set of bits that alone is meant. */
  readonly bit?: number;
}

/**
 * Parses `cell_ov=3.60`, `cell_ov=3.60V`, `balance_en=on`, `functions=switch,balance_en`, `functions=1,2`.
 * @throws {RangeError} with a message for people
 */
export function parseAssignment(text: string): Assignment {
  const [, key = "", value = ""] = /^\s*([a-z0-9_]+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  if (key === "") throw new RangeError(`"${text}" is no setting: write KEY=VALUE, such as cell_ov=3.60`);
  const parameter = settingOf(key);
  if (parameter) return { key, value: parseValue(parameter, value) };
  const bit = bitOf(key);
  if (!bit) throw new RangeError(`there is no setting ${key}: \`bmsctl settings NAME\` shows all of them`);
  return { key: bit.parameter.key, value: isOn(key, value) ? [bit.bit] : [], bit: bit.bit };
}

/** The values that the assignments ask for, from those that a pack has. @throws {RangeError} when two contradict */
export function wantedValues(assignments: readonly Assignment[], present: Values): Values {
  const wanted: Record<string, Value> = {};
  for (const { key, value, bit } of assignments) {
    if (bit === undefined) {
      if (wanted[key] !== undefined) throw new RangeError(`${key} is given twice: give it once`);
      wanted[key] = value;
      continue;
    }
    const bits = bitsOf(wanted[key] ?? present[key]).filter((other) => other !== bit);
    wanted[key] = [...bits, ...bitsOf(value)].sort((a, b) => a - b);
  }
  return wanted;
}

function bitsOf(value: Value | undefined): readonly number[] {
  return Array.isArray(value) ? value : [];
}

/** @throws {RangeError} */
function parseValue(parameter: Parameter, text: string): Value {
  switch (parameter.field.kind) {
    case "number":
    case "shunt":
      return parseNumber(parameter, text);
    case "bits":
      return parseBits(parameter, text);
    case "date":
    case "text":
      return text;
    default:
      throw new RangeError(`${parameter.label} (${parameter.key}) is never written by this program: leave it out`);
  }
}

function parseNumber(parameter: Parameter, text: string): number {
  const { key, unit, decimals } = parameter;
  const [, sign = "", digits, given = ""] = /^([+-]?)(\d+(?:\.\d+)?)\s*(\D*)$/.exec(text) ?? [];
  const example = valueText(parameter, parameter.limits?.[0] ?? 3);
  if (digits === undefined) throw new RangeError(`${key}: "${text}" is not a number; write it like ${example}`);
  if (given !== "" && !isUnit(given, unit))
    throw new RangeError(`${key}: it is in ${unit || "no unit"}, not in ${given}`);
  const value = Number(digits);
  if (Number(value.toFixed(decimals)) !== value)
    throw new RangeError(`${key}: ${text} has more than ${decimals} decimals`);
  // A discharging limit is one with and without the sign of the board.
  if (key === "discharge_oc") return shownNumber(parameter, value);
  return sign === "-" && value !== 0 ? -value : value;
}

/** Letters as a keyboard has them: `C` is °C, `mOhm` is mΩ. */
function isUnit(given: string, unit: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace("°", "").replace("ω", "ohm");
  return unit !== "" && plain(given) === plain(unit);
}

function parseBits({ key, field }: Parameter, text: string): readonly number[] {
  if (field.kind !== "bits") return [];
  const parts = text.split(",").map((part) => part.trim());
  const bits = parts
    .filter((part) => part !== "")
    .map((part) => {
      const bit = /^\d+$/.test(part) ? Number(part) : field.names.indexOf(part);
      if (bit < 0 || bit > 15)
        throw new RangeError(`${key}: there is no bit ${part}; write numbers from 0 to 15 or names`);
      return bit;
    });
  return [...new Set(bits)].sort((a, b) => a - b);
}

/** The setting and the bit that has this name. */
function bitOf(name: string): { readonly parameter: Parameter; readonly bit: number } | undefined {
  for (const parameter of SETTINGS) {
    const bit = parameter.field.kind === "bits" ? parameter.field.names.indexOf(name) : -1;
    if (bit >= 0) return { parameter, bit };
  }
  return undefined;
}

function isOn(key: string, text: string): boolean {
  if (!["on", "off"].includes(text)) throw new RangeError(`${key}: write on or off, not "${text}"`);
  return text === "on";
}
