import type { Reading } from "../../common/model/reading.ts";
import { columnsOf, type Row } from "../../common/model/row.ts";

/** A reading of meter `bms` whose `polls` is its sequence number. */
export function readingOf(seq: number, changed: Partial<Reading> = {}): Reading {
  return {
    run: "00112233445566ff",
    meter: "bms",
    device: "A4:C1:37:00:00:01",
    driver: "jbd",
    takenAt: 1_700_000_000_000 + seq,
    seq,
    sample: { volts: 13.3, polls: seq },
    ...changed,
  };
}

/** The same as a row. */
export function rowOf(seq: number, changed: Partial<Reading> = {}): Row {
  return toRow(readingOf(seq, changed));
}

export function toRow({ sample, ...rest }: Reading): Row {
  const columns = columnsOf(new Set(Object.keys(sample)));
  return { ...rest, columns, values: columns.names.map((name) => sample[name] as number) };
}
