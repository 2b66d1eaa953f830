import { isPossibleValue, QUANTITIES } from "../model/quantities.ts";
import { isPossibleTime, type Sample } from "../model/reading.ts";
import { type Columns, columnsOf, type Row } from "../model/row.ts";
import { describe, isCount, isPossible, type Origin } from "./fields.ts";
import { isMap } from "./msgpack.ts";
import { WireError } from "./wire-error.ts";

/**
 * Readings as a table: a header, which is the names of quantities joined by commas, and rows `[seq, at, value, …]` with a
 * value for each name. The names are sent once for many rows, and are in any order; unknown ones are left out.
 */
interface Header {
  readonly columns: Columns;
  /** Cells of a row. */
  readonly width: number;
  /** Position in a row of the value of each column. */
  readonly order: readonly number[];
  /** The values of a row are those of the columns, without a change. */
  readonly isPlain: boolean;
}

/** Cells before the values. */
const FIRST_VALUE = 2;
/** Longest header, in characters: several times the whole vocabulary. */
const MAX_HEADER = 4096;

/** Headers by their text. A driver produces only a few. */
const knownHeaders = new Map<string, Header>();
const MAX_KNOWN_HEADERS = 256;

/** A sample as its header and values, in the order of the vocabulary. */
export function tabulate(sample: Sample): { readonly header: string; readonly values: readonly number[] } {
  const { columns } = headerOf(Object.keys(sample).join());
  return { header: columns.header, values: columns.names.map((name) => sample[name] as number) };
}

/**
 * Checks headers and the rows that follow each of them, whose numbers rise from `after`.
 *
 * @throws {WireError} field
 */
export function checkRows(items: readonly unknown[], origin: Origin, after: number): Row[] {
  const rows: Row[] = [];
  let header: Header | undefined;
  let previous = after;
  for (const item of items) {
    if (typeof item === "string") {
      header = headerOf(item);
      continue;
    }
    const row = checkRow(item, header, origin);
    if (row.seq <= previous) throw new WireError("field", `seq ${row.seq} after ${previous}`);
    previous = row.seq;
    rows.push(row);
  }
  return rows;
}

/** Readings as messages of version 2 have them, maps `{ seq, at, sample }`, as headers and rows. */
export function rowsOfMaps(readings: readonly unknown[]): unknown[] {
  return readings.flatMap((reading) => {
    if (!isMap(reading)) throw new WireError("field", "a reading is not a map");
    const { seq, at, sample } = reading;
    if (!isMap(sample)) throw new WireError("field", "sample is not a map");
    return [Object.keys(sample).join(), [seq, at, ...Object.values(sample)]];
  });
}

/** @throws {WireError} field */
function headerOf(text: string): Header {
  const known = knownHeaders.get(text);
  if (known) return known;
  if (text.length > MAX_HEADER) throw new WireError("field", `a header of ${text.length} characters`);
  const names = text === "" ? [] : text.split(",");
  const positions = new Map(names.map((name, at) => [name, at + FIRST_VALUE]));
  if (positions.size < names.length) throw new WireError("field", "a header with a name twice");
  const columns = columnsOf(new Set(names));
  const order = columns.names.map((name) => positions.get(name) as number);
  const header = { columns, width: FIRST_VALUE + names.length, order, isPlain: columns.header === text };
  if (knownHeaders.size >= MAX_KNOWN_HEADERS) knownHeaders.clear();
  knownHeaders.set(text, header);
  return header;
}

/** @throws {WireError} field */
function checkRow(cells: unknown, header: Header | undefined, origin: Origin): Row {
  if (!header) throw new WireError("field", "a row without a header");
  if (!Array.isArray(cells)) throw new WireError("field", "a row is not an array");
  const { columns, width, order, isPlain } = header;
  if (cells.length !== width) throw new WireError("field", `a row of ${cells.length} cells, expected ${width}`);
  const [seq, takenAt] = cells;
  if (!isCount(seq, 1)) throw new WireError("field", `seq is ${describe(seq)}`);
  if (!isCount(takenAt, 0) || !isPossibleTime(takenAt)) throw new WireError("field", `at is ${describe(takenAt)}`);
  const values = isPlain ? cells.slice(FIRST_VALUE) : order.map((at) => cells[at]);
  const row = { ...origin, seq, takenAt, columns, values };
  return isAllPossible(values, columns) ? row : withoutImpossible(row);
}

/** A loop for each kind, since every value of every reading passes here. */
function isAllPossible(values: readonly unknown[], { ints, floats }: Columns): values is readonly number[] {
  for (const at of ints) if (!isPossibleValue("int", values[at])) return false;
  for (const { at } of floats) if (!isPossibleValue("float", values[at])) return false;
  return true;
}

/** The row without impossible numbers. @throws {WireError} field, where a value is not a number */
function withoutImpossible(row: Row): Row {
  const { names } = row.columns;
  const isKept = names.map((name, at) => isPossible(QUANTITIES[name].kind, row.values[at], name));
  const { columns } = headerOf(names.filter((_, at) => isKept[at]).join());
  return { ...row, columns, values: row.values.filter((_, at) => isKept[at]) };
}
