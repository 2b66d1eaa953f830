import type { Quantity } from "../../../common/model/quantities.ts";
import { BALANCE_NAMES, CELL_NAMES, isQuantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout } from "../../codec/layout.ts";
import { cellExtremes, power } from "../pack-sample.ts";
import type { Brand, RowValues, Span } from "./brand.ts";

/** The quantities in the data of registers from `start` on. @throws {FrameError} `malformed` for an impossible number of cells */
export function decodeRegisters(brand: Brand, start: number, data: Uint8Array): Sample {
  const rows = rowsWithin(brand, { start, count: data.length / 2 });
  const values: RowValues = readLayout(rows, data);
  const counted = withoutUnused(brand, { ...values, ...brand.derive?.(values) });
  const sample = Object.fromEntries(
    Object.entries(counted).filter(([name, value]) => isQuantity(name) && value !== undefined),
  );
  return { ...sample, ...derived(brand, sample) };
}

/** The rows of the registers in a span, with offsets in its data. */
export function rowsWithin(brand: Brand, { start, count }: Span): readonly Row[] {
  return brand.registers
    .map((row) => ({ ...row, at: row.at - 2 * start }))
    .filter((row) => row.at >= 0 && layoutSize([row]) <= 2 * count);
}

/** The values without those of cells and sensors beyond the number that the board reports beside them. */
function withoutUnused(brand: Brand, values: RowValues): RowValues {
  const { cells = 0, sensors = 0 } = values;
  if (cells > brand.maxCells) throw new FrameError("malformed", `the battery reports ${cells} cells`);
  const unused: readonly Quantity[] = [
    ...CELL_NAMES.slice(cells),
    ...BALANCE_NAMES.slice(cells),
    ...("sensors" in values ? TEMPERATURE_NAMES.slice(sensors) : []),
  ];
  return Object.fromEntries(Object.entries(values).filter(([name]) => !unused.some((one) => one === name)));
}

function derived(brand: Brand, sample: Sample): Sample {
  const { volts, amps } = sample;
  const cells = CELL_NAMES.flatMap((name) => sample[name] ?? []);
  return {
    ...(volts !== undefined && amps !== undefined && { watts: power(volts, amps) }),
    ...(brand.extremes === undefined && cellExtremes(cells)),
  };
}
