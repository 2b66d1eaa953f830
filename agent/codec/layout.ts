import { FrameError } from "./frame-error.ts";

/**
 * Byte layouts as data. A layout is a table of rows without code, read and written by the functions below. So it can be
 * checked, printed and inverted: the simulator encodes with the table that the driver decodes with.
 */
export interface Row {
  /** The quantity of the vocabulary, where there is one. */
  readonly name: string;
  /** Offset of the first byte. */
  readonly at: number;
  readonly raw: RawType;
  /** Lowest and highest bit of the field, where it does not fill its bytes; two's complement where the raw type has a sign. */
  readonly bits?: readonly [low: number, high: number];
  /** Counts per unit. Dividing by a power of ten gives the nearest double; multiplying by 0.01 does not. */
  readonly per?: number;
  /** Counts that mean 0 units. */
  readonly zero?: number;
  /** Counts that mean "not measured"; the first is written for an absent value, without one more than `max`. */
  readonly absent?: readonly number[];
  /** The lowest and highest possible value in units; anything beyond means "not measured". */
  readonly min?: number;
  readonly max?: number;
}

/** °C; the sensors of batteries measure nothing beyond. */
export const TEMPERATURE_RANGE = { min: -50, max: 150 } as const;

interface RawSpec {
  /** In bytes. */
  readonly size: number;
  /** The range of an integer; a float has none. */
  readonly range?: readonly [min: number, max: number];
  get(view: DataView, at: number): number;
  set(view: DataView, at: number, count: number): void;
}

/** An integer of 8, 16 or 32 bits, by the names of DataView's methods; the order does not matter to a single byte. */
function integer(type: "Int8" | "Uint8" | "Int16" | "Uint16" | "Int32" | "Uint32", order: "be" | "le"): RawSpec {
  const bits = Number(/\d+/.exec(type));
  const isLittleEndian = order === "le";
  return {
    size: bits / 8,
    range: integerRange(bits, !type.startsWith("U")),
    get: (view, at) => view[`get${type}`](at, isLittleEndian),
    set: (view, at, count) => view[`set${type}`](at, count, isLittleEndian),
  };
}

/** An integer of 24 bits, little endian. */
function integer24le(isSigned: boolean): RawSpec {
  return {
    size: 3,
    range: integerRange(24, isSigned),
    get: (view, at) => view.getUint16(at, true) + (isSigned ? view.getInt8(at + 2) : view.getUint8(at + 2)) * 0x1_00_00,
    set(view, at, count) {
      view.setUint16(at, count, true);
      view.setUint8(at + 2, count >> 16);
    },
  };
}

/** An integer of 32 bits in two words, the low one first, each big endian: usual in the registers of Modbus. */
function swappedWords(isSigned: boolean): RawSpec {
  return {
    size: 4,
    range: integerRange(32, isSigned),
    get: (view, at) => view.getUint16(at) + (isSigned ? view.getInt16(at + 2) : view.getUint16(at + 2)) * 0x1_00_00,
    set(view, at, count) {
      view.setUint16(at, count);
      view.setUint16(at + 2, count >> 16);
    },
  };
}

function integerRange(bits: number, isSigned: boolean): readonly [number, number] {
  return isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** One row for each raw type that a layout uses. */
const RAW = {
  u8: integer("Uint8", "be"),
  s8: integer("Int8", "be"),
  u16be: integer("Uint16", "be"),
  s16be: integer("Int16", "be"),
  u16le: integer("Uint16", "le"),
  s16le: integer("Int16", "le"),
  u24le: integer24le(false),
  s24le: integer24le(true),
  u32be: integer("Uint32", "be"),
  s32be: integer("Int32", "be"),
  u32le: integer("Uint32", "le"),
  s32le: integer("Int32", "le"),
  u32sw: swappedWords(false),
  s32sw: swappedWords(true),
  s64le: {
    size: 8,
    range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    get: (v, at) => Number(v.getBigInt64(at, true)),
    set: (v, at, n) => v.setBigInt64(at, BigInt(n), true),
  },
  f32le: { size: 4, get: (v, at) => v.getFloat32(at, true), set: (v, at, n) => v.setFloat32(at, n, true) },
} as const satisfies Record<string, RawSpec>;
export type RawType = keyof typeof RAW;

type MayBeAbsent = { readonly absent: readonly number[] } | { readonly min: number } | { readonly max: number };

/** The values of a table, in units. Rows that have a count or a bound for "not measured" may be absent. */
export type Values<Rows extends readonly Row[]> = {
  readonly [R in Rows[number] as R extends MayBeAbsent ? never : R["name"]]: number;
} & { readonly [R in Rows[number] as R extends MayBeAbsent ? R["name"] : never]?: number };

/** Number of bytes from the beginning of a layout to the end of its last row. */
export function layoutSize(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map((row) => row.at + RAW[row.raw].size));
}

/**
 * The values of a table in units; those that were not measured are absent, and of rows that may be absent also NaN, infinity
 * and integers beyond 2^53. In a row that is always present these show that the bytes are not what they seem.
 * @throws {FrameError} `truncated` when the bytes end early, `malformed` for such a value
 */
export function readLayout<const Rows extends readonly Row[]>(rows: Rows, bytes: Uint8Array, offset = 0): Values<Rows> {
  const missing = offset + layoutSize(rows) - bytes.length;
  if (missing > 0) throw new FrameError("truncated", `${missing} bytes are missing from the answer`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.byteLength - offset);
  const values: Record<string, number> = {};
  for (const row of rows) {
    const value = unitsOf(row, view);
    if (value !== undefined) values[row.name] = value;
  }
  return values as Values<Rows>;
}

function unitsOf(row: Row, view: DataView): number | undefined {
  const raw: RawSpec = RAW[row.raw];
  const whole = raw.get(view, row.at);
  if (!Number.isFinite(whole) || (raw.range && !Number.isSafeInteger(whole))) {
    if (mayBeAbsent(row)) return undefined;
    throw new FrameError("malformed", `the answer's ${row.name} is impossible (${whole})`);
  }
  const count = row.bits ? bitsOf(whole, row.bits, raw) : whole;
  if (row.absent?.includes(count)) return undefined;
  const value = (count - (row.zero ?? 0)) / (row.per ?? 1);
  if (value < (row.min ?? value) || value > (row.max ?? value)) return undefined;
  return value === 0 ? 0 : value;
}

const mayBeAbsent = ({ absent, min, max }: Row) => absent !== undefined || min !== undefined || max !== undefined;

/** The field in some bits of an integer. Of a negative one, the bits of its two's complement. */
function bitsOf(whole: number, bits: readonly [low: number, high: number], { range }: RawSpec): number {
  const room = bitRoom(bits);
  const count = Math.floor(whole / 2 ** bits[0]) % room;
  const field = count < 0 ? count + room : count;
  return range && range[0] < 0 && field >= room / 2 ? field - room : field;
}

/**
 * The inverse of readLayout.
 * @throws {RangeError} when a value does not fit its row
 */
export function writeLayout<const Rows extends readonly Row[]>(rows: Rows, values: Values<Rows>): Uint8Array {
  const bytes = new Uint8Array(layoutSize(rows));
  const view = new DataView(bytes.buffer);
  for (const row of rows) {
    const raw: RawSpec = RAW[row.raw];
    const count = countsOf(row, (values as Readonly<Record<string, number | undefined>>)[row.name]);
    raw.set(view, row.at, row.bits ? raw.get(view, row.at) + fieldBits(count, row.bits) : count);
  }
  return bytes;
}

function countsOf(row: Row, value: number | undefined): number {
  if (value === undefined) {
    if (row.absent?.[0] !== undefined) return row.absent[0];
    if (row.max !== undefined) return countsOf(row, row.max + 1);
    throw new RangeError(`${row.name}: a value is needed`);
  }
  const { range }: RawSpec = RAW[row.raw];
  const exact = value * (row.per ?? 1) + (row.zero ?? 0);
  if (!range) return exact;
  const count = Math.round(exact);
  const [min, max] = row.bits ? integerRange(row.bits[1] - row.bits[0] + 1, range[0] < 0) : range;
  if (!(count >= min && count <= max)) throw new RangeError(`${row.name}: ${value} does not fit`);
  return count;
}

/** A count at its place among the other bits; a negative one as its two's complement. */
function fieldBits(count: number, bits: readonly [low: number, high: number]): number {
  return (count < 0 ? count + bitRoom(bits) : count) * 2 ** bits[0];
}

/** Number of different counts that the bits can hold. */
function bitRoom([low, high]: readonly [number, number]): number {
  return 2 ** (high - low + 1);
}
