import { type Coding, decodeRegister } from "../../../agent/drivers/jbd/settings/codec.ts";
import type { Parameter, Value, Values } from "../../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS } from "../../../agent/drivers/jbd/settings/table/table.ts";
import { ProfileError } from "./profile.ts";

/** Values as the vendor's programs and jbdtool store them: the bytes of a setting as a number, or a text. By key. */
export type RawCounts = ReadonlyMap<string, number | string>;

const FUNCTIONS = 0x2d;
const TENFOLD = 0x10;

/** The byte of its register that a setting fills; undefined for those of the whole register. */
function byteOf({ field }: Parameter): 0 | 1 | undefined {
  switch (field.kind) {
    case "number":
      return field.raw === "u8" ? (field.at === 0 ? 0 : 1) : undefined;
    case "shortCircuit":
    case "hardDelays":
      return 0;
    case "overcurrent":
      return 1;
    default:
      return undefined;
  }
}

/** The number or the text that stands for a setting in such files. */
export function rawCount(parameter: Parameter, data: Uint8Array): number | string {
  if (parameter.field.kind === "text") return String.fromCharCode(...data.subarray(1, 1 + (data[0] ?? 0)));
  const at = byteOf(parameter);
  const [high = 0, low = 0] = data;
  return at === undefined ? high * 0x100 + low : (data[at] ?? 0);
}

/** The values that these numbers mean. The unit is that of the functions among them. @throws {ProfileError} */
export function valuesOf(counts: RawCounts, chip?: number): Values {
  const registers = new Map<number, Uint8Array>();
  const known = SETTINGS.filter(({ key }) => counts.has(key));
  for (const parameter of known) {
    const data = registers.get(parameter.register) ?? new Uint8Array(2);
    registers.set(parameter.register, withCount(data, parameter, counts.get(parameter.key) ?? 0));
  }
  const coding: Coding = { tenfold: ((registers.get(FUNCTIONS)?.[0] ?? 0) & TENFOLD) !== 0, chip };
  const values: Record<string, Value> = {};
  for (const { key, register } of known) {
    const value = decodeRegister(register, registers.get(register) ?? new Uint8Array(), coding)[key];
    if (value !== undefined) values[key] = value;
  }
  return values;
}

function withCount(data: Uint8Array, parameter: Parameter, count: number | string): Uint8Array {
  if (parameter.field.kind === "text") return textData(parameter, String(count));
  const at = byteOf(parameter);
  const max = at === undefined ? 0xffff : 0xff;
  const min = at === undefined ? -0x8000 : 0;
  if (typeof count !== "number" || !Number.isInteger(count) || count < min || count > max) {
    throw new ProfileError(`${parameter.fig} is ${count} and must be an integer from ${min} to ${max}`);
  }
  if (at === undefined) return Uint8Array.of((count >> 8) & 0xff, count & 0xff);
  return data.map((byte, i) => (i === at ? count : byte));
}

const MAX_TEXT = 31;

function textData({ fig }: Parameter, text: string): Uint8Array {
  const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  if (characters.length > MAX_TEXT || characters.some((character) => character > 0xff)) {
    throw new ProfileError(`${fig} must have at most ${MAX_TEXT} characters of one byte each`);
  }
  return Uint8Array.of(characters.length, ...characters);
}
