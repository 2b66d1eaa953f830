import type { MeterView } from "../model/views.ts";

export type Direction = NonNullable<MeterView["direction"]>;

/** From this current on a battery is charged or discharged, A. */
export const FLOW_AMPS = 0.2;
/** It is idle again below this current, A. */
const IDLE_AMPS = 0.1;

/** The direction of a current, with a dead band around 0. Undefined for an unknown current. */
export function directionOf(amps: number | undefined, before: Direction | undefined): Direction | undefined {
  if (amps === undefined) return undefined;
  const direction = amps > 0 ? "charging" : "discharging";
  return Math.abs(amps) >= (before === direction ? IDLE_AMPS : FLOW_AMPS) ? direction : "idle";
}
