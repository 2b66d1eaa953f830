import { layoutSize, type Row, type Values, writeLayout } from "../../codec/layout.ts";

/**
 * Cell record (type 02), little endian, in the two layouts of JK02. That of 24 cells has 16 bytes less after the voltages,
 * 32 less after the resistances, and lacks some fields: `at24` is the offset there. The record does not say which it is.
 */
interface CellRow extends Row {
  readonly at24?: number;
  readonly raw24?: Row["raw"];
}

const TEMPERATURE = { raw: "s16le", per: 10, absent: [-2000] } as const;

const CELL_ROWS = [
  { name: "mask", at: 70, at24: 54, raw: "u32le" },
  { name: "delta", at: 76, at24: 60, raw: "u16le" },
  { name: "maxcell", at: 78, at24: 62, raw: "u8", zero: -1 },
  { name: "mincell", at: 79, at24: 63, raw: "u8", zero: -1 },
  { name: "mostemp", at: 144, at24: 134, ...TEMPERATURE },
  { name: "volts", at: 150, at24: 118, raw: "u32le", per: 1000 },
  { name: "amps", at: 158, at24: 126, raw: "s32le", per: 1000 },
  { name: "temp1", at: 162, at24: 130, ...TEMPERATURE },
  { name: "temp2", at: 164, at24: 132, ...TEMPERATURE },
  { name: "protect", at: 166, at24: 136, raw: "u32le", raw24: "u16le" },
  { name: "balanceamps", at: 170, at24: 138, raw: "s16le", per: 1000 },
  { name: "balancing", at: 172, at24: 140, raw: "u8" },
  { name: "percent", at: 173, at24: 141, raw: "u8" },
  { name: "remain", at: 174, at24: 142, raw: "u32le", per: 1000 },
  { name: "full", at: 178, at24: 146, raw: "u32le", per: 1000 },
  { name: "cycles", at: 182, at24: 150, raw: "u32le" },
  { name: "health", at: 190, at24: 158, raw: "u8" },
  { name: "uptime", at: 194, at24: 162, raw: "u32le" },
  { name: "charge", at: 198, at24: 166, raw: "u8" },
  { name: "discharge", at: 199, at24: 167, raw: "u8" },
  { name: "heating", at: 215, at24: 183, raw: "u8" },
  { name: "temp4", at: 256, ...TEMPERATURE },
  { name: "temp3", at: 258, ...TEMPERATURE },
] as const satisfies readonly CellRow[];

type Rows24 = readonly Extract<(typeof CELL_ROWS)[number], { at24: number }>[];

/** The columns of the table. */
const CELLS_32S = CELL_ROWS;
const CELLS_24S = CELL_ROWS.flatMap((row: CellRow) =>
  row.at24 === undefined ? [] : [{ ...row, at: row.at24, raw: row.raw24 ?? row.raw }],
) as readonly Row[] as Rows24;

/** In all layouts. */
const VOLTAGES_AT = 6;

/**
 * Cell record of the first generation (JK04), an active balancer alone: it measures no current, charge or temperature.
 */
const CELLS_04 = [
  { name: "delta", at: 206, raw: "f32le" },
  { name: "mask", at: 214, raw: "u32le" },
  { name: "balancing", at: 220, raw: "u8" },
  { name: "balanceamps", at: 222, raw: "f32le" },
  { name: "uptime", at: 286, raw: "u32le" },
] as const satisfies readonly Row[];

export const CELL_LAYOUTS = { "32s": CELLS_32S, "24s": CELLS_24S, "04": CELLS_04 } as const;
export type CellLayout = keyof typeof CELL_LAYOUTS;

/** Fields that both layouts of JK02 have, and those of the longer one. */
export type CellValues = Values<Rows24> & Partial<Values<typeof CELLS_32S>>;

/** Voltages of all slots: millivolts, in JK04 volts as floats. */
export const VOLTAGES: Readonly<Record<CellLayout, readonly Row[]>> = {
  "32s": voltages(32, "u16le", 2),
  "24s": voltages(24, "u16le", 2),
  "04": voltages(24, "f32le", 4),
};

function voltages(slots: number, raw: Row["raw"], size: number): readonly Row[] {
  return Array.from({ length: slots }, (_, i) => ({ name: `${i}`, at: VOLTAGES_AT + size * i, raw }));
}

/**
 * The body of a record, for encodeRecord: the fields of its table, and the voltages of the first cells.
 * @throws {RangeError} when a value does not fit its field
 */
export function encodeCells(
  layout: CellLayout,
  values: Readonly<Record<string, number | undefined>>,
  cells: readonly number[],
): Uint8Array {
  const fields = writeLayout(CELL_LAYOUTS[layout] as readonly Row[], values as Values<readonly Row[]>);
  const rows = VOLTAGES[layout].slice(0, cells.length);
  const slots = writeLayout(rows, Object.fromEntries(cells.map((cell, i) => [`${i}`, cell])));
  const body = new Uint8Array(Math.max(fields.length, layoutSize(rows)));
  body.set(fields);
  body.set(slots.subarray(VOLTAGES_AT), VOLTAGES_AT);
  return body;
}
