import { BALANCE_NAMES, CELL_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { CellView } from "../model/views.ts";

/** The cells that a sample reports, by number; undefined where there are none. Of equal cells the first is marked. */
export function cellsOf(sample: Sample): CellView[] | undefined {
  const cells = CELL_NAMES.flatMap((name, i) => {
    const millivolts = sample[name];
    return millivolts === undefined ? [] : [{ number: i + 1, millivolts, isBalancing: isBalancing(sample, i) }];
  });
  if (cells.length === 0) return undefined;
  const voltages = cells.map(({ millivolts }) => millivolts);
  const lowest = voltages.indexOf(Math.min(...voltages));
  const highest = voltages.indexOf(Math.max(...voltages));
  // Equal cells have neither a lowest nor a highest one.
  const differ = voltages[lowest] !== voltages[highest];
  return cells.map((cell, i) => ({ ...cell, isLowest: differ && i === lowest, isHighest: differ && i === highest }));
}

function isBalancing(sample: Sample, index: number): boolean {
  const name = BALANCE_NAMES[index];
  return name !== undefined && sample[name] === 1;
}
