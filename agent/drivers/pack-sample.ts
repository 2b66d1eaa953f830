import type { Quantity } from "../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../common/model/reading.ts";

/** Parts of a sample that battery packs of all families have in common. */

/** Values under names, in order, up to the end of the shorter list. An absent value keeps its place. */
export function numbered(names: readonly Quantity[], values: readonly (number | undefined)[]): Sample {
  const sample: MutableSample = {};
  for (const [i, name] of names.entries()) {
    const value = values[i];
    if (value !== undefined) sample[name] = value;
  }
  return sample;
}

/**
 * The bits of an unsigned word under names, from the lowest; null where no quantity means the same as the bit. A name of
 * several bits is 1 while one of them is.
 */
export function flags(names: readonly (Quantity | null)[], word: number): Sample {
  const sample: MutableSample = {};
  for (const [bit, name] of names.entries()) {
    if (name) sample[name] = Math.max(sample[name] ?? 0, Math.floor(word / 2 ** bit) % 2);
  }
  return sample;
}

/** An input that reads 0 counts like any other, so that a broken sense wire shows. Of equal cells the first is named. */
export function cellExtremes(cells: readonly number[]): Sample {
  if (cells.length === 0) return {};
  const cellmin = Math.min(...cells);
  const cellmax = Math.max(...cells);
  return {
    cellmin,
    cellmax,
    delta: cellmax - cellmin,
    mincell: cells.indexOf(cellmin) + 1,
    maxcell: cells.indexOf(cellmax) + 1,
  };
}

/** Watts. Both factors are whole thousandths, so integers give the nearest double of the product: 13.34 × -0.53 is -7.0702. */
export function power(volts: number, amps: number): number {
  const product = (Math.round(volts * 1000) * Math.round(amps * 1000)) / 1_000_000;
  return product === 0 ? 0 : product;
}
