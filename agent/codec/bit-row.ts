import type { RawType, Row } from "./layout.ts";

/** Properties of a row beyond its name and its place. */
type Meaning = Pick<Row, "per" | "zero" | "absent" | "min" | "max">;

const UNSIGNED = ["u8", "u16le", "u24le", "u32le"] as const satisfies readonly RawType[];
const SIGNED = ["s8", "s16le", "s24le", "s32le"] as const satisfies readonly RawType[];

/**
 * The row of a field in a record that is one string of bits, least significant first: `width` bits from bit `at` on, in
 * as few bytes as hold them. Its bits must lie within four bytes.
 */
export function bitRow(name: string, at: number, width: number, meaning: Meaning = {}): Row {
  return rowOf(UNSIGNED, name, at, width, meaning);
}

/** The same in two's complement. */
export function signedBitRow(name: string, at: number, width: number, meaning: Meaning = {}): Row {
  return rowOf(SIGNED, name, at, width, meaning);
}

function rowOf(types: readonly RawType[], name: string, at: number, width: number, meaning: Meaning): Row {
  const low = at % 8;
  const raw = types[Math.ceil((low + width) / 8) - 1];
  if (raw === undefined) throw new RangeError(`${name}: ${width} bits from bit ${at} on do not lie within four bytes`);
  return { name, at: (at - low) / 8, raw, bits: [low, low + width - 1], ...meaning };
}
