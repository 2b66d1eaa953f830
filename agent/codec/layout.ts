import { FrameError } from "./frame-error.ts";

/**
 * Byte layouts as data. A layout is a table of rows; it is read and written by the two functions below and holds no
 * code, so it can be checked, printed and inverted: what a driver decodes with a table, a simulated device encodes with
 * the same one.
 */
export interface Row {
  /** The word of the vocabulary where there is one. */
  readonly name: string;
  /** Offset of the first byte. */
  readonly at: number;
  readonly raw: RawType;
  /** Lowest and highest bit that belong to the field, where it does not fill its bytes. */
  readonly bits?: readonly [low: number, high: number];
  /** Counts per unit. Division by a power of ten gives the nearest double, multiplication by 0.01 does not. */
  readonly per?: number;
  /** Counts that mean 0 units. */
  readonly zero?: number;
  /** Counts that mean "not measured"; the first is written for an absent value. */
  readonly absent?: readonly number[];
  /** The highest possible value in units; more means "not measured". */
  readonly max?: number;
}

interface RawSpec {
  readonly size: number;
  /** The range of an integer; a float has none. */
  readonly range?: readonly [min: number, max: number];
  get(view: DataView, at: number): number;
  set(view: DataView, at: number, count: number): void;
}

const RAW = {
  u8: { size: 1, range: [0, 0xff], get: (v, at) => v.getUint8(at), set: (v, at, n) => v.setUint8(at, n) },
  u16be: { size: 2, range: [0, 0xffff], get: (v, at) => v.getUint16(at), set: (v, at, n) => v.setUint16(at, n) },
  s16be: { size: 2, range: [-0x8000, 0x7fff], get: (v, at) => v.getInt16(at), set: (v, at, n) => v.setInt16(at, n) },
  u16le: {
    size: 2,
    range: [0, 0xffff],
    get: (v, at) => v.getUint16(at, true),
    set: (v, at, n) => v.setUint16(at, n, true),
  },
  u32le: {
    size: 4,
    range: [0, 0xffff_ffff],
    get: (v, at) => v.getUint32(at, true),
    set: (v, at, n) => v.setUint32(at, n, true),
  },
  s64le: {
    size: 8,
    range: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    get: (v, at) => Number(v.getBigInt64(at, true)),
    set: (v, at, n) => v.setBigInt64(at, BigInt(n), true),
  },
  f32le: { size: 4, get: (v, at) => v.getFloat32(at, true), set: (v, at, n) => v.setFloat32(at, n, true) },
} as const satisfies Record<string, RawSpec>;
export type RawType = keyof typeof RAW;

type MayBeAbsent = { readonly absent: readonly number[] } | { readonly max: number };

/** What the rows of a table hold, in units: rows that know "not measured" may be missing. */
export type Values<Rows extends readonly Row[]> = {
  readonly [R in Rows[number] as R extends MayBeAbsent ? never : R["name"]]: number;
} & { readonly [R in Rows[number] as R extends MayBeAbsent ? R["name"] : never]?: number };

/** Bytes from the beginning of a layout to the end of its last row. */
export function layoutSize(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map((row) => row.at + RAW[row.raw].size));
}

/**
 * The values of a table in units; what was not measured is absent.
 * @throws {FrameError} `truncated` when the bytes end early, `malformed` when a count is no number that can be told exactly
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
    throw new FrameError("malformed", `the answer's ${row.name} is no possible number (${whole})`);
  }
  const count = row.bits ? Math.floor(whole / 2 ** row.bits[0]) % bitRoom(row.bits) : whole;
  if (row.absent?.includes(count)) return undefined;
  const value = (count - (row.zero ?? 0)) / (row.per ?? 1);
  if (row.max !== undefined && value > row.max) return undefined;
  return value === 0 ? 0 : value;
}

/**
 * The bytes of a table's values: the inverse of readLayout.
 * @throws {RangeError} when a value does not fit its row
 */
export function writeLayout<const Rows extends readonly Row[]>(rows: Rows, values: Values<Rows>): Uint8Array {
  const bytes = new Uint8Array(layoutSize(rows));
  const view = new DataView(bytes.buffer);
  for (const row of rows) {
    const raw: RawSpec = RAW[row.raw];
    const count = countsOf(row, (values as Readonly<Record<string, number | undefined>>)[row.name]);
    const shifted = row.bits ? raw.get(view, row.at) + count * 2 ** row.bits[0] : count;
    raw.set(view, row.at, shifted);
  }
  return bytes;
}

function countsOf(row: Row, value: number | undefined): number {
  if (value === undefined) {
    if (row.absent?.[0] === undefined) throw new RangeError(`${row.name}: a value is needed`);
    return row.absent[0];
  }
  const { range }: RawSpec = RAW[row.raw];
  const exact = value * (row.per ?? 1) + (row.zero ?? 0);
  if (!range) return exact;
  const count = Math.round(exact);
  const [min, max] = row.bits ? [0, bitRoom(row.bits) - 1] : range;
  if (!(count >= min && count <= max)) throw new RangeError(`${row.name}: ${value} does not fit`);
  return count;
}

/** How many different counts the bits can hold. */
function bitRoom([low, high]: readonly [number, number]): number {
  return 2 ** (high - low + 1);
}
