import type { Values } from "./parameter.ts";

/**
 * Rules between settings: `low` times `factor` must be below `high` times its factor, or may be equal to it where
 * `orEqual`. A rule about a setting that a board does not have says nothing.
 */
export interface OrderRule {
  readonly low: Term;
  readonly high: Term;
  readonly orEqual?: true;
}

/** A setting, or as many times its value as there are cells. */
export interface Term {
  readonly key: string;
  readonly perCell?: true;
}

/** Each ascending. */
const CHAINS: readonly (readonly string[])[] = [
  ["hard_cell_uv", "cell_uv", "cell_uv_release", "cell_ov_release", "cell_ov", "hard_cell_ov"],
  ["pack_uv", "pack_uv_release", "pack_ov_release", "pack_ov"],
  ["charge_ut", "charge_ut_release", "charge_ot_release", "charge_ot"],
  ["discharge_ut", "discharge_ut_release", "discharge_ot_release", "discharge_ot"],
  ["balance_start", "cell_ov"],
];

/** Ascending; boards without 0x42 to 0x47 have fewer points. */
const CURVE = ["cell_empty", ...[10, 20, 30, 40, 50, 60, 70, 80, 90].map((percent) => `curve_${percent}`), "cell_full"];

const perCell = (key: string): Term => ({ key, perCell: true });

const PACK_RULES: readonly OrderRule[] = [
  { low: { key: "pack_ov" }, high: perCell("hard_cell_ov"), orEqual: true },
  { low: perCell("hard_cell_uv"), high: { key: "pack_uv" }, orEqual: true },
];

/** The rules for a board that has these settings. */
export function orderRules(values: Values): readonly OrderRule[] {
  const curve = CURVE.filter((key) => values[key] !== undefined);
  return [...[...CHAINS, curve].flatMap(neighbours), ...PACK_RULES];
}

function neighbours(chain: readonly string[]): readonly OrderRule[] {
  return chain.slice(1).map((key, i) => ({ low: { key: chain[i] ?? key }, high: { key } }));
}

/** True also where one of the two is not known. */
export function holds({ low, high, orEqual }: OrderRule, values: Values, cells: number): boolean {
  const [below, above] = [unitsOf(low, values, cells), unitsOf(high, values, cells)];
  if (below === undefined || above === undefined) return true;
  // The difference of two decimal fractions is not exact; the smallest step of any unit is 0.001.
  const gap = above - below;
  return orEqual ? gap > -STEP / 2 : gap > STEP / 2;
}

const STEP = 0.001;

function unitsOf({ key, perCell: times }: Term, values: Values, cells: number): number | undefined {
  const value = values[key];
  if (typeof value !== "number") return undefined;
  return times ? value * cells : value;
}
