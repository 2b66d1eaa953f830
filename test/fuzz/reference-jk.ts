import type { Decoded } from "./reference-jbd.ts";

/**
 * A second, independent decoder of JK's cell records, written from the published layouts and sharing no code with the driver.
 * Integers are assembled one byte at a time, and decimal points placed as text.
 */
type Bytes = readonly number[];

export const JK_HEADER: Bytes = [0x55, 0xaa, 0xeb, 0x90];
export const JK_SIZE = 300;

/** The low byte of the sum of all bytes. */
export const jkSum = (bytes: Bytes) => bytes.reduce((sum, byte) => (sum + byte) % 256, 0);

const startsRecord = (bytes: Bytes, at: number) => JK_HEADER.every((byte, i) => bytes[at + i] === byte);

/** The valid records, in the order of the bytes. One that holds the header of another has lost its end. */
function recordsIn(bytes: Bytes): Bytes[] {
  const found: Bytes[] = [];
  let at = 0;
  while (at + JK_SIZE <= bytes.length) {
    const record = bytes.slice(at, at + JK_SIZE);
    let isValid = startsRecord(record, 0) && jkSum(record.slice(0, -1)) === record.at(-1);
    for (let inside = 1; inside < JK_SIZE; inside++) if (startsRecord(record, inside)) isValid = false;
    if (isValid) found.push(record);
    at += isValid ? JK_SIZE : 1;
  }
  return found;
}

/** The quantities of the first cell record that can be decoded; undefined where there is none. */
export function referenceJk(slots: 24 | 32, bytes: Bytes): Decoded | undefined {
  for (const record of recordsIn(bytes)) {
    const decoded = record[4] === 2 ? decode(slots, record) : undefined;
    if (decoded) return decoded;
  }
  return undefined;
}

/** Bits of the protection word under their names; a name counts for any of its bits. */
const BITS: readonly (readonly [name: string, bits: readonly number[], slots?: 32])[] = [
  ["bov", [5]],
  ["coc", [6]],
  ["sc", [7, 14]],
  ["cot", [8]],
  ["cut", [9]],
  ["uvp", [11]],
  ["buv", [12]],
  ["duc", [13]],
  ["dot", [15]],
  ["dut", [27], 32],
];

/** An unsigned integer of so many bytes, the lowest first. */
function whole(record: Bytes, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (record[at + i] ?? 0);
  return value;
}

function signed(record: Bytes, at: number, size: number): number {
  const value = whole(record, at, size);
  return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
}

const places = (count: number, digits: number) => Number(`${count}e-${digits}`);
const isOn = (word: number, bit: number) => Math.floor(word / 2 ** bit) % 2 === 1;

function decode(slots: 24 | 32, record: Bytes): Decoded | undefined {
  // Of 24 slots, what follows the voltages is 16 bytes earlier, and what follows the resistances 32.
  const place = (at: number) => (slots === 32 ? at : at < 144 ? at - 16 : at - 32);
  const read = (at: number, size: number) => whole(record, place(at), size);
  const flag = (at: number) => (read(at, 1) > 0 ? 1 : 0);
  const percent = read(173, 1);
  if (percent > 100) return undefined;
  const protect = slots === 32 ? read(166, 4) : read(168, 2);
  return {
    percent,
    protect,
    volts: places(read(150, 4), 3),
    amps: places(signed(record, place(158), 4), 3),
    balanceamps: places(signed(record, place(170), 2), 3),
    balancing: flag(172),
    remain: places(read(174, 4), 3),
    full: places(read(178, 4), 3),
    cycles: read(182, 4),
    health: read(190, 1),
    uptime: read(194, 4),
    fet: flag(198) + 2 * flag(199),
    heating: flag(215),
    ...temperatures(slots, record),
    ...cellsOf(slots, record, read(70, 4)),
    ...protections(slots, protect),
  };
}

/** A count of -2000 means no sensor; so does 0 for the third and the fourth. */
function temperatures(slots: 24 | 32, record: Bytes): Decoded {
  const sensors: Readonly<Record<string, number>> =
    slots === 32
      ? { mostemp: 144, temp1: 162, temp2: 164, temp3: 258, temp4: 256 }
      : { mostemp: 134, temp1: 130, temp2: 132 };
  const decoded: Record<string, number> = {};
  for (const [name, at] of Object.entries(sensors)) {
    const count = signed(record, at, 2);
    const isAbsent = count === -2000 || (count === 0 && (name === "temp3" || name === "temp4"));
    if (!isAbsent) decoded[name] = places(count, 1);
  }
  return decoded;
}

function cellsOf(slots: 24 | 32, record: Bytes, mask: number): Decoded {
  const decoded: Record<string, number> = { cells: 0 };
  for (let slot = 0; slot < slots; slot++) {
    if (!isOn(mask, slot)) continue;
    decoded[`cell${slot + 1}`] = whole(record, 6 + 2 * slot, 2);
    decoded.cells = (decoded.cells ?? 0) + 1;
  }
  if (decoded.cells === 0) return decoded;
  const at = slots === 32 ? 76 : 60;
  const numbers = { maxcell: (record[at + 2] ?? 0) + 1, mincell: (record[at + 3] ?? 0) + 1 };
  return { ...decoded, delta: whole(record, at, 2), ...numbers };
}

function protections(slots: 24 | 32, protect: number): Decoded {
  const named = BITS.filter(([, , only]) => only === undefined || only === slots);
  return Object.fromEntries(named.map(([name, bits]) => [name, bits.some((bit) => isOn(protect, bit)) ? 1 : 0]));
}
