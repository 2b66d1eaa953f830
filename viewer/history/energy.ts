import type { Reading } from "../../common/model/reading.ts";
import type { DayView } from "../model/views.ts";
import type { Day, DaySummary, MinuteFigures, MinuteSummary, Neighbours } from "./summaries.ts";

/** Figures of a minute, from its readings in the order of time and those directly before. */
export function minuteFigures(_readings: readonly Reading[], _before: Neighbours): MinuteFigures {
  return {};
}

/** Figures of a day, from its minutes in the order of time, of which there is at least one. */
export function summariseDay({ day }: Day, minutes: readonly MinuteSummary[]): DaySummary {
  const sum = (figure: keyof MinuteFigures) =>
    minutes.reduce((total, { figures }) => total + (figures[figure] ?? 0), 0);
  return {
    day,
    firstAt: minutes[0]?.at ?? 0,
    lastAt: minutes.at(-1)?.at ?? 0,
    chargedWh: sum("chargedWh"),
    dischargedWh: sum("dischargedWh"),
    dischargedAh: sum("dischargedAh"),
    observedMs: sum("observedMs"),
  };
}

/** A day as the page shows it; without a summary nothing was observed. */
export function dayView({ day, from, to }: Day, summary: DaySummary | undefined, now: number): DayView {
  if (!summary) return { day, chargedKwh: 0, dischargedKwh: 0, observed: 0 };
  const elapsedMs = Math.max(1, Math.min(now, to) - from);
  return {
    day,
    chargedKwh: summary.chargedWh / 1000,
    dischargedKwh: summary.dischargedWh / 1000,
    observed: Math.min(1, summary.observedMs / elapsedMs),
  };
}
