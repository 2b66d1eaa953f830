import { CHEMISTRIES, type Chemistry, type Parameter, type Range, type Value, type Values } from "./parameter.ts";
import { settingOf } from "./table/table.ts";

/** The voltages between which no limit of a cell may lie outside, V. */
export const CELL_WINDOWS: Readonly<Record<Chemistry, Range>> = { LFP: [2, 3.8], NMC: [2.5, 4.3], LTO: [1.5, 2.95] };

/** Settings whose usual values have a gap between any two chemistries. */
const TELLING = ["cell_ov", "cell_full"] as const;
/** V around the usual values. */
const SLACK = 0.1;

/** The chemistry by the settings of a pack and the voltages of its cells, mV; undefined where they do not agree on one. */
export function inferChemistry(values: Values, cellVoltages: readonly number[]): Chemistry | undefined {
  const fitting = CHEMISTRIES.filter(
    (chemistry) => TELLING.every((key) => fits(values[key], key, chemistry)) && holdsCells(chemistry, cellVoltages),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function fits(value: Value | undefined, key: string, chemistry: Chemistry): boolean {
  const [min, max] = usualRange(settingOf(key), chemistry) ?? [0, 0];
  return typeof value === "number" && value >= min - SLACK && value <= max + SLACK;
}

/** True where all voltages, mV, are possible for cells of this chemistry. */
export function holdsCells(chemistry: Chemistry, cellVoltages: readonly number[]): boolean {
  const [min, max] = CELL_WINDOWS[chemistry];
  return cellVoltages.every((millivolts) => millivolts / 1000 >= min - SLACK && millivolts / 1000 <= max + SLACK);
}

/** The usual values of a parameter; undefined where they depend on a chemistry that is not known, or are not known. */
export function usualRange(parameter: Parameter | undefined, chemistry: Chemistry | undefined): Range | undefined {
  const usual = parameter?.usual;
  if (!usual || isRange(usual)) return usual;
  return chemistry && usual[chemistry];
}

/** A product of decimal fractions may miss the bound that it is meant to be by less than any unit's smallest step. */
export function isWithin(value: number, [min, max]: Range): boolean {
  return value > min - TOLERANCE && value < max + TOLERANCE;
}

const TOLERANCE = 1e-6;

/** True where the usual values are those of a chemistry. */
export function isOfChemistry({ usual }: Parameter): boolean {
  return usual !== undefined && !isRange(usual);
}

function isRange(usual: NonNullable<Parameter["usual"]>): usual is Range {
  return Array.isArray(usual);
}

/** The usual values of a parameter of this pack; those of a pack's limit are the cells' times their number. */
export function usualForPack(
  parameter: Parameter,
  chemistry: Chemistry | undefined,
  cells: number | undefined,
): Range | undefined {
  if (parameter.group !== "pack") return usualRange(parameter, chemistry);
  const range = usualRange(settingOf(cellKey(parameter.key)), chemistry);
  return range && cells !== undefined ? [range[0] * cells, range[1] * cells] : undefined;
}

/** The cell's limit of the same kind as a pack's: `pack_ov` is `cell_ov`. */
export function cellKey(packKey: string): string {
  return packKey.replace(/^pack/, "cell");
}
