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

/** Offsets are those of 32 slots; after the voltages those of 24 are 16 less, after the resistances 32 less. */
function decode(slots: 24 | 32, record: Bytes): Decoded | undefined {
  const isWide = slots === 32;
  const place = (at: number) => (isWide ? at : at < 144 ? at - 16 : at - 32);
  const raw = (at: number, size: number) => {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (record[at + i] ?? 0);
    return value;
  };
  const unsigned = (at: number, size: number) => raw(place(at), size);
  const signed = (at: number, size: number) => {
    const value = raw(at, size);
    return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
  };
  const places = (count: number, digits: number) => Number(`${count}e-${digits}`);

  const percent = unsigned(173, 1);
  if (percent > 100) return undefined;
  const decoded: Record<string, number> = {
    percent,
    volts: places(unsigned(150, 4), 3),
    amps: places(signed(place(158), 4), 3),
    balanceamps: places(signed(place(170), 2), 3),
    balancing: unsigned(172, 1) > 0 ? 1 : 0,
    remain: places(unsigned(174, 4), 3),
    full: places(unsigned(178, 4), 3),
    cycles: unsigned(182, 4),
    health: unsigned(190, 1),
    uptime: unsigned(194, 4),
    fet: (unsigned(198, 1) > 0 ? 1 : 0) + (unsigned(199, 1) > 0 ? 2 : 0),
    heating: unsigned(215, 1) > 0 ? 1 : 0,
  };
  const sensors: [name: string, at: number, isZeroAbsent?: true][] = [
    ["mostemp", isWide ? 144 : 134],
    ["temp1", place(162)],
    ["temp2", place(164)],
  ];
  if (isWide) sensors.push(["temp3", 258, true], ["temp4", 256, true]);
  for (const [name, at, isZeroAbsent] of sensors) {
    const count = signed(at, 2);
    if (count !== -2000 && !(isZeroAbsent && count === 0)) decoded[name] = places(count, 1);
  }
  const mask = unsigned(70, 4);
  let cells = 0;
  for (let slot = 0; slot < slots; slot++) {
    if (Math.floor(mask / 2 ** slot) % 2 === 0) continue;
    decoded[`cell${slot + 1}`] = raw(6 + 2 * slot, 2);
    cells += 1;
  }
  decoded.cells = cells;
  if (cells > 0) {
    decoded.delta = unsigned(76, 2);
    decoded.maxcell = unsigned(78, 1) + 1;
    decoded.mincell = unsigned(79, 1) + 1;
  }
  const protect = unsigned(166 + (isWide ? 0 : 2), isWide ? 4 : 2);
  decoded.protect = protect;
  for (const [name, bits, only] of BITS) {
    if (only === undefined || isWide)
      decoded[name] = bits.some((bit) => Math.floor(protect / 2 ** bit) % 2 === 1) ? 1 : 0;
  }
  return decoded;
}
