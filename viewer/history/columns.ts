/**
 * A block of rows, column by column: whole numbers, each column as its differences, so that what does not change costs
 * nothing per row.
 *
 *     block   = rows, columns, { column, bytes, body }
 *     body    = 0, value                              the same in every row
 *             | 1, first, { difference }              present in every row
 *             | 2, presence bits, first, { difference }   absent in some rows
 *
 * All numbers are varints of 7 bits a byte, lowest first; value, first and differences are zigzag: 0, -1, 1, -2, …
 */
export type Column = readonly (number | undefined)[];

/** Columns by number, all of the same length. */
export interface Block {
  readonly rows: number;
  readonly columns: ReadonlyMap<number, Column>;
}

/** Largest magnitude of a value: zigzag doubles it, and a difference may do so again. */
const LARGEST = 2 ** 50;

/** Rows of a block. */
export const MAX_ROWS = 6_000;

const CONSTANT = 0;
const FULL = 1;
const SPARSE = 2;

/** A block cannot be decoded: it is damaged. */
export class BlockError extends Error {
  override readonly name = "BlockError";
}

/** False for a number that a block cannot hold. */
export const isStorable = (value: number) => Number.isSafeInteger(value) && Math.abs(value) <= LARGEST;

export function encodeBlock({ rows, columns }: Block): Uint8Array {
  const used = [...columns].filter(([, column]) => column.some((value) => value !== undefined));
  const bytes: number[] = [];
  writeVarint(bytes, rows);
  writeVarint(bytes, used.length);
  for (const [number, column] of used) {
    const body = encodeColumn(column);
    writeVarint(bytes, number);
    writeVarint(bytes, body.length);
    for (const byte of body) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/**
 * `isWanted`: columns that are decoded; the others are skipped.
 *
 * @throws {BlockError}
 */
export function decodeBlock(bytes: Uint8Array, isWanted: (column: number) => boolean = () => true): Block {
  const source = { bytes, at: 0 };
  const rows = readVarint(source);
  if (rows > MAX_ROWS) throw new BlockError(`${rows} rows`);
  const count = readVarint(source);
  const columns = new Map<number, Column>();
  for (let i = 0; i < count; i += 1) {
    const number = readVarint(source);
    const end = readVarint(source) + source.at;
    if (isWanted(number)) columns.set(number, decodeColumn(source, rows));
    source.at = end;
  }
  if (source.at !== bytes.length) throw new BlockError(`${bytes.length} bytes instead of ${source.at}`);
  return { rows, columns };
}

function encodeColumn(column: Column): number[] {
  const present = column.filter((value) => value !== undefined);
  const isFull = present.length === column.length;
  const [first = 0] = present;
  const bytes: number[] = [];
  if (isFull && present.every((value) => value === first)) {
    bytes.push(CONSTANT);
    writeZigzag(bytes, first);
    return bytes;
  }
  bytes.push(isFull ? FULL : SPARSE);
  if (!isFull) {
    for (let i = 0; i < column.length; i += 8) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit += 1) if (column[i + bit] !== undefined) bits |= 1 << bit;
      bytes.push(bits);
    }
  }
  let last = 0;
  for (const value of present) {
    writeZigzag(bytes, value - last);
    last = value;
  }
  return bytes;
}

interface Source {
  readonly bytes: Uint8Array;
  at: number;
}

function decodeColumn(source: Source, rows: number): Column {
  const kind = byteOf(source);
  if (kind === CONSTANT) return new Array<number>(rows).fill(readZigzag(source));
  if (kind !== FULL && kind !== SPARSE) throw new BlockError(`column of kind ${kind}`);
  const bitsAt = source.at;
  if (kind === SPARSE) source.at += Math.ceil(rows / 8);
  const column: (number | undefined)[] = [];
  let last = 0;
  for (let row = 0; row < rows; row += 1) {
    const isPresent = kind === FULL || ((source.bytes[bitsAt + (row >> 3)] ?? 0) >> (row & 7)) & 1;
    if (isPresent) last += readZigzag(source);
    column.push(isPresent ? last : undefined);
  }
  return column;
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readVarint(source: Source): number {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = byteOf(source);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    if (scale > 2 ** 49) throw new BlockError("number of more than 56 bits");
  }
}

const writeZigzag = (bytes: number[], value: number) => writeVarint(bytes, value < 0 ? -value * 2 - 1 : value * 2);

function readZigzag(source: Source): number {
  // Most differences take one byte.
  const only = source.bytes[source.at] ?? 0x80;
  if (only < 0x80) {
    source.at += 1;
    return only & 1 ? -((only + 1) >> 1) : only >> 1;
  }
  const value = readVarint(source);
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

function byteOf(source: Source): number {
  const byte = source.bytes[source.at];
  if (byte === undefined) throw new BlockError("cut short");
  source.at += 1;
  return byte;
}
