import { FrameError } from "../../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, writeLayout } from "../../../codec/layout.ts";
import { hexByte } from "../frame.ts";
import { hardDelays, isTi, overcurrent, shortCircuit } from "./front-end.ts";
import type { Field, Parameter, Value, Values } from "./parameter.ts";
import { parametersOf } from "./table/table.ts";

/** Facts on which the meaning of a register depends. */
export interface Coding {
  /** Bit 12 of 0x2D: units of currents and charges are ten times as large. */
  readonly tenfold: boolean;
  /** The front-end chip, the second byte of register 0x00; undefined where the board does not answer. */
  readonly chip?: number | undefined;
}

/**
 * The values of a register's data, by key. Registers outside the table have none.
 * @throws {FrameError} `malformed` when the data have another size or form than the register's
 */
export function decodeRegister(register: number, data: Uint8Array, coding: Coding): Values {
  const values: Record<string, Value> = {};
  for (const parameter of parametersOf(register)) {
    const value = fieldCodec(parameter).decode(data, parameter, coding);
    if (value !== undefined) values[parameter.key] = value;
  }
  return values;
}

/**
 * The data of a register with these values. Everything that `values` does not name stays as in `original`, the data as
 * they were read: the other byte, bits without a meaning, characters after the end of a text.
 * @throws {RangeError} when a value does not fit
 */
export function encodeRegister(register: number, values: Values, original: Uint8Array, coding: Coding): Uint8Array {
  let data: Uint8Array = original.slice();
  for (const parameter of parametersOf(register)) {
    const value = values[parameter.key];
    if (value !== undefined) data = fieldCodec(parameter).encode(value, data, parameter, coding);
  }
  return data;
}

/** The data without the bits that hold these values: what `encodeRegister` cannot know, and keeps. */
export function withoutValues(register: number, values: Values, data: Uint8Array, coding: Coding): Uint8Array {
  return parametersOf(register)
    .filter(({ key }) => values[key] !== undefined)
    .reduce((rest, parameter) => fieldCodec(parameter).rest(rest, parameter, coding), data);
}

interface FieldCodec {
  /** Undefined where the data have no meaning. */
  decode(data: Uint8Array, parameter: Parameter, coding: Coding): Value | undefined;
  encode(value: Value, original: Uint8Array, parameter: Parameter, coding: Coding): Uint8Array;
  /** The data with zeros for the bits that hold the value. */
  rest(data: Uint8Array, parameter: Parameter, coding: Coding): Uint8Array;
}

const nothing = (data: Uint8Array) => new Uint8Array(data.length);

function withByte(data: Uint8Array, at: number, byte: number): Uint8Array {
  return data.map((old, i) => (i === at ? byte : old));
}

const WORD = [{ name: "value", at: 0, raw: "u16be" }] as const satisfies readonly Row[];
const WORD_SIZE = layoutSize(WORD);
const MAX_TEXT = 31;

function wordOf(data: Uint8Array, { register }: Parameter): number {
  if (data.length !== WORD_SIZE) {
    throw new FrameError("malformed", `register ${hexByte(register)} has ${data.length} bytes of data instead of 2`);
  }
  return readLayout(WORD, data).value;
}

const bytesOf = (word: number) => writeLayout(WORD, { value: word });

/** The layout of a number. */
function rowOf({ key, field, tenfold }: Parameter, coding: Coding): Row {
  if (field.kind !== "number") throw new TypeError("not a number");
  const { kind: _, ...row } = field;
  return { ...row, name: key, ...(tenfold && coding.tenfold && { per: (row.per ?? 1) / 10 }) };
}

const number: FieldCodec = {
  decode(data, parameter, coding) {
    wordOf(data, parameter);
    return readLayout([rowOf(parameter, coding)], data)[parameter.key];
  },
  encode(value, original, parameter, coding) {
    const row = rowOf(parameter, coding);
    const data = original.length === WORD_SIZE ? original.slice() : new Uint8Array(WORD_SIZE);
    data.set(writeLayout([{ ...row, at: 0 }], { [row.name]: numeric(value, parameter) }), row.at);
    return data;
  },
  rest: (data, parameter, coding) => {
    const { raw, at } = rowOf(parameter, coding);
    return raw === "u8" ? withByte(data, at, 0) : nothing(data);
  },
};

const FINE = 0x8000;

const shunt: FieldCodec = {
  decode(data, parameter, coding) {
    const word = wordOf(data, parameter);
    return (word & ~FINE) / ((word & FINE) !== 0 || coding.tenfold ? 100 : 10);
  },
  encode(value, original, parameter, coding) {
    const fine = wordOf(original, parameter) & FINE;
    const count = Math.round(numeric(value, parameter) * (fine !== 0 || coding.tenfold ? 100 : 10));
    if (!(count >= 0 && count < FINE)) throw new RangeError(`${parameter.key}: ${value} does not fit`);
    return bytesOf(fine | count);
  },
  rest: (data, parameter) => bytesOf(wordOf(data, parameter) & FINE),
};

const DATE = [
  { name: "year", at: 0, raw: "u16be", bits: [9, 15], zero: -2000 },
  { name: "month", at: 0, raw: "u16be", bits: [5, 8] },
  { name: "day", at: 0, raw: "u16be", bits: [0, 4] },
] as const satisfies readonly Row[];

const date: FieldCodec = {
  decode(data, parameter) {
    wordOf(data, parameter);
    const { year, month, day } = readLayout(DATE, data);
    if (month < 1 || month > 12 || day < 1) return undefined;
    return [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
  },
  encode(value, _, { key }) {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(String(value)) ?? [];
    if (day === undefined) throw new RangeError(`${key}: ${value} is not a date, YYYY-MM-DD`);
    return writeLayout(DATE, { year: Number(year), month: Number(month), day: Number(day) });
  },
  rest: nothing,
};

const bits: FieldCodec = {
  decode(data, parameter) {
    const word = wordOf(data, parameter);
    return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => ((word >> bit) & 1) === 1);
  },
  encode(value, _, { key }) {
    if (!Array.isArray(value) || !value.every((bit) => Number.isInteger(bit) && bit >= 0 && bit < 16)) {
      throw new RangeError(`${key}: ${value} are not bits from 0 to 15`);
    }
    return bytesOf(value.reduce((word: number, bit: number) => word | (1 << bit), 0));
  },
  rest: nothing,
};

const text: FieldCodec = {
  decode(data, { register }) {
    const [length, ...characters] = data;
    if (length === undefined || length > MAX_TEXT || length > characters.length) {
      throw new FrameError("malformed", `the text of register ${hexByte(register)} has no true length byte`);
    }
    return String.fromCharCode(...characters.slice(0, length));
  },
  encode(value, original, { key }) {
    const characters = Array.from(String(value), (character) => character.codePointAt(0) ?? 0);
    if (characters.length > MAX_TEXT || characters.some((character) => character > 0xff)) {
      throw new RangeError(`${key}: at most ${MAX_TEXT} characters of one byte each`);
    }
    return Uint8Array.of(characters.length, ...characters, ...original.slice(1 + characters.length));
  },
  rest: (data) => data.map((byte, i) => (i <= (data[0] ?? 0) ? 0 : byte)),
};

const COUNTERS = [11, 12];

const counters: FieldCodec = {
  decode(data) {
    if (!COUNTERS.includes(data.length / WORD_SIZE)) {
      throw new FrameError("malformed", `the error counters have ${data.length} bytes of data instead of 22 or 24`);
    }
    return Array.from({ length: data.length / WORD_SIZE }, (_, i) => readLayout(WORD, data, WORD_SIZE * i).value);
  },
  encode(value, _, { key }) {
    if (!Array.isArray(value)) throw new RangeError(`${key}: ${value} is not a list`);
    return Uint8Array.from(value.flatMap((count: number) => [...bytesOf(count)]));
  },
  rest: nothing,
};

/** The byte `at` of a register in the front-end chip's coding; as hexadecimal digits for other chips than TI's. */
function frontEnd(at: 0 | 1, coded: typeof shortCircuit, mark: boolean): FieldCodec {
  return {
    decode(data, parameter, { chip }) {
      wordOf(data, parameter);
      const [byte = 0, other = 0] = [data[at], data[1 - at]];
      if (!isTi(chip)) return { raw: hexByte(byte) };
      return { ...coded.decode(byte, other), ...(mark && { chip: chip === undefined ? "if TI" : "TI" }) };
    },
    encode(value, original, parameter) {
      wordOf(original, parameter);
      if (typeof value !== "object" || Array.isArray(value)) {
        throw new RangeError(`${parameter.key}: ${value} has no parts`);
      }
      const parts = value as Exclude<typeof value, readonly number[]>;
      const byte =
        parts.raw === undefined
          ? coded.encode(parts, original[at] ?? 0, original[1 - at] ?? 0)
          : Number.parseInt(String(parts.raw), 16);
      return withByte(original, at, byte);
    },
    rest: (data, _, { chip }) => withByte(data, at, isTi(chip) ? (data[at] ?? 0) & coded.unused : 0),
  };
}

const CODECS: Readonly<Record<Field["kind"], FieldCodec>> = {
  number,
  shunt,
  date,
  bits,
  text,
  counters,
  shortCircuit: frontEnd(0, shortCircuit, true),
  overcurrent: frontEnd(1, overcurrent, true),
  hardDelays: frontEnd(0, hardDelays, false),
};

function fieldCodec({ field }: Parameter): FieldCodec {
  return CODECS[field.kind];
}

function numeric(value: Value, { key }: Parameter): number {
  if (typeof value !== "number") throw new RangeError(`${key}: ${value} is not a number`);
  return value;
}
