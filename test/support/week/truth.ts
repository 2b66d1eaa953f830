import type { Reading } from "../../../common/model/reading.ts";
import { type Account, accountOf } from "../../../simulator/account.ts";
import type { Battery } from "../../../simulator/battery.ts";

/** The battery's own account for the time that was observed, computed without the viewer's code. */

/** A stretch of time, ms since the start of the week. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Finer than any poll. */
const STEP_MS = 5_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The time between two measurements of which at most two in between are missing; 30 s at the start and after an hour without
 * readings, when the period is not known. `readings` by time.
 */
export function observedSpans(readings: readonly Reading[], periodMs: number, startMs: number): Span[] {
  return readings.slice(1).flatMap((second, i) => {
    const first = readings[i];
    if (first?.sample.online !== 1 || second.sample.online !== 1) return [];
    const isFirst = first.takenAt - (readings[i - 1]?.takenAt ?? 0) > HOUR_MS;
    const limitMs = Math.max(30_000, isFirst ? 0 : 3.5 * periodMs);
    const span = { from: first.takenAt - startMs, to: second.takenAt - startMs };
    return span.to - span.from <= limitMs ? [span] : [];
  });
}

/** The account of the part of `spans` that lies in `within`, and its length. */
export function accountIn(within: Span, spans: readonly Span[], battery: Battery): Account & { readonly ms: number } {
  const sum = { chargedWh: 0, dischargedWh: 0, chargedAh: 0, dischargedAh: 0, ms: 0 };
  for (const span of spans) {
    const [from, to] = [Math.max(within.from, span.from), Math.min(within.to, span.to)];
    if (from >= to) continue;
    const account = accountOf(battery.flowAt, { from, to, stepMs: STEP_MS });
    sum.chargedWh += account.chargedWh;
    sum.dischargedWh += account.dischargedWh;
    sum.chargedAh += account.chargedAh;
    sum.dischargedAh += account.dischargedAh;
    sum.ms += to - from;
  }
  return sum;
}

export interface ChargeCourse {
  readonly fullCycles: number;
  readonly deepestDischargeAh: number;
  readonly lastFullMs: number;
}

/** The course of a charge that begins at full, minute by minute, of which only the observed minutes count. */
export function chargeCourse(capacityAh: number, spans: readonly Span[], battery: Battery): ChargeCourse {
  const observed = new Set(spans.map(({ to }) => Math.floor(to / MINUTE_MS)));
  const course = { fullCycles: 0, deepestDischargeAh: 0, lastFullMs: 0 };
  const end = Math.max(...observed);
  let drawnAh = 0;
  let drawnAtFullAh = 0;
  let isLow = false;
  for (let minute = 0; minute <= end; minute += 1) {
    const from = minute * MINUTE_MS;
    const { chargedAh, dischargedAh } = accountOf(battery.flowAt, { from, to: from + MINUTE_MS, stepMs: 10_000 });
    drawnAh = Math.max(0, drawnAh + dischargedAh - chargedAh);
    if (!observed.has(minute)) continue;
    const percent = 100 - (100 * drawnAh) / capacityAh;
    if (percent >= 99.5) {
      course.lastFullMs = from;
      drawnAtFullAh = drawnAh;
    }
    if (percent > 90 && isLow) course.fullCycles += 1;
    isLow = percent < 65 || (isLow && percent <= 90);
    course.deepestDischargeAh = Math.max(course.deepestDischargeAh, drawnAh - drawnAtFullAh);
  }
  return course;
}
