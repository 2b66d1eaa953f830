import type { Value, Values } from "../../../agent/drivers/jbd/settings/parameter.ts";
import { between } from "../../../simulator/random.ts";

/**
 * Units by which an application changes each setting: small enough that every rule between them still holds, and so that
 * no fault of the simulator turns an old value into a new one.
 */
const STEPS: Readonly<Record<string, number>> = {
  ...{ cell_ov: -0.01, cell_ov_release: -0.01, cell_uv: 0.01, cell_uv_release: 0.01, balance_start: -0.01 },
  ...{ pack_ov: -0.1, pack_ov_release: -0.1, pack_uv: 0.1, pack_uv_release: 0.1 },
  ...{ cell_full: -0.01, cell_empty: 0.01, balance_window: 5 },
  ...{ charge_ot: -1, charge_ot_release: -1, discharge_ot: -1, discharge_ot_release: -1 },
  ...{ discharge_ut: 1, discharge_ut_release: 1 },
  ...{ charge_oc: -2, discharge_oc: 2, charge_oc_release: 5, discharge_oc_release: 5 },
  ...{ charge_ut_delay: 5, charge_ot_delay: 5, discharge_ut_delay: 5, discharge_ot_delay: 5 },
  ...{ pack_uv_delay: 5, pack_ov_delay: 5, cell_uv_delay: 5, cell_ov_delay: 5 },
};
const MOST_CHANGES = 8;

/** New values of one setting to eight, different for each pack and each seed. */
export function changedValues(present: Values, random: () => number): Values {
  const places = Object.entries(STEPS).map(([key, step]) => ({ key, step, place: random() }));
  const count = Math.floor(between(random, 1, MOST_CHANGES + 1));
  const chosen = places.sort((a, b) => a.place - b.place).slice(0, count);
  return Object.fromEntries(chosen.flatMap(({ key, step }) => stepped(key, present[key], step)));
}

function stepped(key: string, value: Value | undefined, step: number): [string, number][] {
  return typeof value === "number" ? [[key, Math.round((value + step) * 1000) / 1000]] : [];
}
