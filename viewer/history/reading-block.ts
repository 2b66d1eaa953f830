import { isQuantity, type Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Reading } from "../../common/model/reading.ts";
import { type Block, BlockError, decodeBlock, encodeBlock } from "./columns.ts";
import { decimalsOf, type Names, scaled, unscaled } from "./names.ts";

/**
 * The readings of one meter in one minute, in the order of time.
 *
 *     length of origins (2 bytes, big-endian), origins (JSON: [[device, driver, run], …]), block
 *
 * Values are rounded to the decimals of the vocabulary, as in CSV.
 */
const AT = "@at";
const SEQ = "@seq";
const ORIGIN = "@origin";

export function encodeReadings(readings: readonly Reading[], names: Names): Uint8Array {
  const origins = new Map<string, number>();
  const columns = new Map<number, (number | undefined)[]>();
  const put = (row: number, name: string, value: number | undefined) => {
    const number = names.numberOf(name);
    const column = columns.get(number) ?? new Array<undefined>(readings.length).fill(undefined);
    column[row] = value;
    columns.set(number, column);
  };
  readings.forEach(({ device, driver, run, takenAt, seq, sample }, row) => {
    const origin = JSON.stringify([device, driver, run]);
    if (!origins.has(origin)) origins.set(origin, origins.size);
    put(row, AT, takenAt);
    put(row, SEQ, seq);
    put(row, ORIGIN, origins.get(origin));
    for (const [name, value] of Object.entries(sample)) put(row, name, scaled(value, decimalsOf(name as Quantity)));
  });
  const head = Buffer.from(`[${[...origins.keys()].join()}]`);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  return Buffer.concat([length, head, encodeBlock({ rows: readings.length, columns })]);
}

/** @throws {BlockError} */
export function decodeReadings(meter: string, bytes: Uint8Array, names: Names): Reading[] {
  const { origins, block } = split(bytes);
  const column = (name: string) => block.columns.get(names.numberOf(name)) ?? [];
  const [ats, seqs, indexes] = [column(AT), column(SEQ), column(ORIGIN)];
  const quantities = [...block.columns].flatMap(([number, values]) => {
    const name = names.nameOf(number);
    return name !== undefined && isQuantity(name) ? [{ name, decimals: decimalsOf(name), values }] : [];
  });
  return ats.map((takenAt = 0, row) => {
    const [device, driver, run] = origins[indexes[row] ?? 0] ?? [];
    if (device === undefined || driver === undefined || run === undefined) throw new BlockError("origin is absent");
    const sample: MutableSample = {};
    for (const { name, decimals, values } of quantities) {
      const value = values[row];
      if (value !== undefined) sample[name] = unscaled(value, decimals);
    }
    return { meter, device, driver, run, takenAt, seq: seqs[row] ?? 0, sample };
  });
}

function split(bytes: Uint8Array): { origins: readonly (readonly string[])[]; block: Block } {
  const [high = 0, low = 0] = bytes;
  const end = 2 + high * 256 + low;
  try {
    const origins = JSON.parse(Buffer.from(bytes.subarray(2, end)).toString()) as readonly (readonly string[])[];
    return { origins, block: decodeBlock(bytes.subarray(end)) };
  } catch (cause) {
    throw new BlockError((cause as Error).message, { cause });
  }
}
