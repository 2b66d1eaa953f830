import { BALANCE_NAMES, CELL_NAMES, type Quantity } from "../common/model/quantities.ts";
import type { MutableSample, Sample } from "../common/model/reading.ts";

/** Parts of the values that a correct reader decodes, computed without the drivers' code. */

/** Cells in mV, and the extremes among them. */
export function cellsSample(cells: readonly number[]): Sample {
  const ranked = cells
    .map((millivolts, i) => ({ millivolts, number: i + 1 }))
    .sort((a, b) => a.millivolts - b.millivolts);
  const lowest = ranked[0];
  const highest = ranked.find(({ millivolts }) => millivolts === ranked.at(-1)?.millivolts);
  if (!lowest || !highest) return {};
  return {
    ...Object.fromEntries(CELL_NAMES.slice(0, cells.length).map((name, i) => [name, cells[i]])),
    cellmin: lowest.millivolts,
    cellmax: highest.millivolts,
    delta: highest.millivolts - lowest.millivolts,
    mincell: lowest.number,
    maxcell: highest.number,
  };
}

/** 1 for each cell that is balanced, and 0 for each other. */
export function balanceSample(balanced: readonly boolean[]): Sample {
  const sample: MutableSample = {};
  for (const [i, name] of BALANCE_NAMES.slice(0, balanced.length).entries()) sample[name] = balanced[i] ? 1 : 0;
  return sample;
}

/** 1 for each raised protection of these names, and 0 for each other. */
export function raisedSample(names: Iterable<Quantity>, isRaised: (name: string) => boolean): Sample {
  const sample: MutableSample = {};
  for (const name of names) sample[name] = isRaised(name) ? 1 : 0;
  return sample;
}

/** Watts, exact for factors of whole thousandths. */
export function wattsOf(volts: number, amps: number): number {
  return (Math.round(volts * 1000) * Math.round(amps * 1000)) / 1_000_000 || 0;
}
