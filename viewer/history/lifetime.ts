import type { LifetimeView } from "../model/views.ts";
import type { DaySummary } from "./summaries.ts";

/** Lifetime figures of a meter from its days, oldest first. Undefined without a day. */
export function lifetimeOf(meter: string, days: readonly DaySummary[]): LifetimeView | undefined {
  const [first] = days;
  if (!first) return undefined;
  const sum = (figure: "chargedWh" | "dischargedWh" | "dischargedAh") =>
    days.reduce((total, day) => total + day[figure], 0);
  return {
    meter,
    since: first.firstAt,
    chargedKwh: sum("chargedWh") / 1000,
    dischargedKwh: sum("dischargedWh") / 1000,
    dischargedAh: sum("dischargedAh"),
    fullCycles: 0,
  };
}
