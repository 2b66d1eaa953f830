import { QUANTITIES, QUANTITY_NAMES, type Quantity } from "./quantities.ts";
import type { MutableSample, Reading, Sample } from "./reading.ts";

/** Quantities in the order of the vocabulary, which many rows share. */
export interface Columns {
  readonly names: readonly Quantity[];
  /** The names, joined by commas. */
  readonly header: string;
  /** Positions of the quantities that are integers. */
  readonly ints: readonly number[];
  readonly floats: readonly FloatColumn[];
}

interface FloatColumn {
  readonly at: number;
  /** Digits after the point. */
  readonly decimals: number;
}

/** A reading as the row of a table, with a value for each column. */
export interface Row extends Omit<Reading, "sample"> {
  readonly columns: Columns;
  readonly values: readonly number[];
}

/** The columns of some quantities. */
export function columnsOf(quantities: ReadonlySet<string>): Columns {
  const names = QUANTITY_NAMES.filter((name) => quantities.has(name));
  const columns = names.map((name, at) => ({ at, ...QUANTITIES[name] }));
  return {
    names,
    header: names.join(),
    ints: columns.filter(({ kind }) => kind === "int").map(({ at }) => at),
    floats: columns.filter(({ kind }) => kind === "float").map(({ at, decimals }) => ({ at, decimals })),
  };
}

/** A row as a reading by itself. */
export function toReading({ columns, values, ...rest }: Row): Reading {
  return { ...rest, sample: sampleOf(columns, values) };
}

function sampleOf({ names }: Columns, values: readonly number[]): Sample {
  const sample: MutableSample = {};
  for (const [at, name] of names.entries()) {
    const value = values[at];
    if (value !== undefined) sample[name] = value;
  }
  return sample;
}
