import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, type Values, writeLayout } from "../../codec/layout.ts";

/** Slots of cells. */
const MOST_CELLS = 32;
/** °C; -40 is "no sensor". */
const SENSOR = { absent: [-40] } as const;

/**
 * Status answer (function 11), little endian, offsets from the start of the frame:
 *
 *     head (34 bytes)  voltages  temperatures, those of MOSFETs and balancer last  tail
 *
 * The head counts cells and temperatures, and the tail moves by two bytes for each.
 */
const HEAD = [
  { name: "state", at: 7, raw: "u8" },
  { name: "sensors", at: 8, raw: "u8" },
  { name: "cells", at: 9, raw: "u8" },
  { name: "protect", at: 10, raw: "u32le" },
  { name: "protect2", at: 14, raw: "u32le" },
  { name: "alarm", at: 18, raw: "u32le" },
  { name: "alarm2", at: 22, raw: "u32le" },
] as const satisfies readonly Row[];

const LISTS_AT = 34;

/** Offsets in a frame without cells and sensors. On the wire a current is positive while discharging. */
const TAIL = [
  { name: "mostemp", at: 34, raw: "s16le", ...SENSOR },
  { name: "balancetemp", at: 36, raw: "s16le", ...SENSOR },
  { name: "volts", at: 38, raw: "u16le", per: 100 },
  { name: "amps", at: 40, raw: "s16le", per: -10 },
  { name: "percent", at: 42, raw: "u16le", max: 100 },
  { name: "health", at: 44, raw: "u16le", max: 100 },
  { name: "charge", at: 46, raw: "u8" },
  { name: "discharge", at: 47, raw: "u8" },
  { name: "capacity", at: 50, raw: "u32le", per: 1_000_000, absent: [0] },
  { name: "remain", at: 54, raw: "u32le", per: 1_000_000 },
  { name: "uptime", at: 66, raw: "u32le" },
  { name: "balancing", at: 70, raw: "u32le" },
  { name: "delta", at: 82, raw: "u16le" },
  { name: "outah", at: 96, raw: "u32le", per: 1000 },
  { name: "inah", at: 100, raw: "u32le", per: 1000 },
] as const satisfies readonly Row[];

const MILLIVOLTS = list(MOST_CELLS, LISTS_AT, { raw: "u16le" });
const TEMPERATURES = (cells: number, count: number) => list(count, LISTS_AT + 2 * cells, { raw: "s16le", ...SENSOR });

/** Record of older boards, big endian, with the same sign of the current. */
const LEGACY = [
  { name: "volts", at: 4, raw: "u16be", per: 10 },
  { name: "amps", at: 70, raw: "s32be", per: -10 },
  { name: "percent", at: 74, raw: "u8", max: 100 },
  { name: "capacity", at: 75, raw: "u32be", per: 1_000_000, absent: [0] },
  { name: "remain", at: 79, raw: "u32be", per: 1_000_000 },
  { name: "uptime", at: 87, raw: "u32be" },
  { name: "charge", at: 103, raw: "u8" },
  { name: "discharge", at: 104, raw: "u8" },
  { name: "cells", at: 123, raw: "u8" },
] as const satisfies readonly Row[];

const LEGACY_MILLIVOLTS = list(MOST_CELLS, 6, { raw: "u16be" });
const LEGACY_TEMPERATURES = list(6, 91, { raw: "s16be", ...SENSOR });

interface Lists {
  /** Millivolts. */
  readonly cells: readonly number[];
  /** °C; undefined where there is no sensor. */
  readonly temperatures: readonly (number | undefined)[];
}
export interface Status extends Lists {
  readonly head: Omit<Values<typeof HEAD>, "cells" | "sensors">;
  readonly tail: Values<typeof TAIL>;
}
export interface LegacyRecord extends Lists {
  readonly values: Omit<Values<typeof LEGACY>, "cells">;
}

/** @throws {FrameError} `malformed` for more cells than an answer holds, `truncated` for fewer bytes than it counts */
export function decodeStatus(frame: Uint8Array): Status {
  const { cells, sensors, ...head } = readLayout(HEAD, frame);
  requireCells(cells);
  return {
    head,
    cells: numbersIn(MILLIVOLTS.slice(0, cells), frame),
    temperatures: valuesIn(TEMPERATURES(cells, sensors), frame),
    tail: readLayout(TAIL, frame, 2 * (cells + sensors)),
  };
}

/** The bytes of an answer up to its CRC, for encodeAnswer. @throws {RangeError} when a value does not fit its field */
export function encodeStatus({ head, cells, temperatures, tail }: Status): Uint8Array {
  const shift = 2 * (cells.length + temperatures.length);
  const body = new Uint8Array(shift + layoutSize(TAIL) + 8);
  body.set(writeLayout(TAIL, tail).subarray(LISTS_AT), LISTS_AT + shift);
  body.set(writeLayout(HEAD, { ...head, cells: cells.length, sensors: temperatures.length }));
  writeList(body, MILLIVOLTS, cells);
  writeList(body, TEMPERATURES(cells.length, temperatures.length), temperatures);
  return body;
}

/** @throws {FrameError} `malformed` for more cells than a record holds */
export function decodeLegacyRecord(frame: Uint8Array): LegacyRecord {
  const { cells, ...values } = readLayout(LEGACY, frame);
  requireCells(cells);
  return {
    values,
    cells: numbersIn(LEGACY_MILLIVOLTS.slice(0, cells), frame),
    temperatures: valuesIn(LEGACY_TEMPERATURES, frame),
  };
}

/** The bytes of a record up to its sum, for encodeLegacyRecord. @throws {RangeError} */
export function encodeLegacy({ values, cells, temperatures }: LegacyRecord): Uint8Array {
  const body = writeLayout(LEGACY, { ...values, cells: cells.length });
  writeList(body, LEGACY_MILLIVOLTS, cells);
  writeList(body, LEGACY_TEMPERATURES, temperatures);
  return body;
}

/** Rows of two bytes one after the other, named by their numbers. */
function list(count: number, at: number, row: Pick<Row, "raw" | "absent">): readonly Row[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${i}`, at: at + 2 * i, ...row }));
}

function valuesIn(rows: readonly Row[], frame: Uint8Array): (number | undefined)[] {
  const values: Readonly<Record<string, number>> = readLayout(rows, frame);
  return rows.map(({ name }) => values[name]);
}

function numbersIn(rows: readonly Row[], frame: Uint8Array): number[] {
  return Object.values(readLayout(rows, frame));
}

function writeList(body: Uint8Array, rows: readonly Row[], values: readonly (number | undefined)[]): void {
  for (const [i, value] of values.entries()) {
    const row = rows[i];
    if (row) body.set(writeLayout([{ ...row, at: 0 }], value === undefined ? {} : { [row.name]: value }), row.at);
  }
}

function requireCells(cells: number): void {
  if (cells > MOST_CELLS) throw new FrameError("malformed", `the answer counts ${cells} cells`);
}
