import { formatColumns } from "../../common/cli/text.ts";
import { formatQuantity, QUANTITIES, QUANTITY_NAMES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";

/** Width of the column of names, wide enough for every name of a device's quantity. */
export const NAME_WIDTH = "counters".length;

/** Every quantity of a sample for people: name, value, unit, meaning. */
export function quantityTable(sample: Sample): string {
  const quantities = QUANTITY_NAMES.flatMap((name) => {
    const value = sample[name];
    return value === undefined ? [] : [{ name, value: formatQuantity(name, value), ...QUANTITIES[name] }];
  });
  const widest = Math.max(0, ...quantities.map(({ value }) => value.length));
  return formatColumns(
    quantities.map(({ name, value, unit, about }) => [
      name.padEnd(NAME_WIDTH),
      `${value.padStart(widest)} ${unit}`,
      about,
    ]),
  );
}
