import type { Quantity } from "../../../common/model/quantities.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { fullName } from "../../../common/model/site.ts";
import type { Family } from "../../../scripts/generate/dashboards/description.ts";
import { accountIn } from "../../support/week/truth.ts";
import type { Series, View } from "./ask.ts";
import { isHeld, protectionsOf, type SimulatedWeek } from "./simulated-week.ts";

/** Answers as the simulated house itself knows them, computed without the queries. */

const DAY_MS = 86_400_000;

/** An interval of a graph and the time at which it is drawn. `PromQL` names its end, which belongs to it; `InfluxQL` its start. */
export interface Windows {
  readonly at: "start" | "end";
}

type Reduce = "mean" | "lowest" | "highest" | "last";

const REDUCE: Readonly<Record<Reduce, (values: readonly number[]) => number>> = {
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  lowest: (values) => values.reduce((a, b) => Math.min(a, b)),
  highest: (values) => values.reduce((a, b) => Math.max(a, b)),
  last: (values) => values.at(-1) ?? Number.NaN,
};

export interface Truth {
  readonly week: SimulatedWeek;
  /** By the full name: `boat/house`. */
  readonly byMeter: ReadonlyMap<string, readonly Reading[]>;
}

export function truthOf(week: SimulatedWeek): Truth {
  const byMeter = new Map(
    week.meters.map(({ name }) => [name, week.readings.filter((reading) => fullName(reading) === name)]),
  );
  return { week, byMeter };
}

/** A quantity over time. An interval without a value has no point. */
export function course({ byMeter }: Truth, quantity: Quantity, reduce: Reduce, view: View, { at }: Windows): Series[] {
  const stepMs = view.stepS * 1000;
  return [...byMeter].flatMap(([meter, readings]) => {
    const values = new Map<number, number[]>();
    for (const { takenAt, sample } of readings) {
      const value = sample[quantity];
      if (value === undefined) continue;
      const offset = takenAt - view.fromMs;
      const index = at === "end" ? Math.ceil(offset / stepMs) : Math.floor(offset / stepMs);
      const drawnAt = view.fromMs + index * stepMs;
      if (drawnAt > view.toMs || (at === "start" && takenAt > view.toMs)) continue;
      values.set(drawnAt, [...(values.get(drawnAt) ?? []), value]);
    }
    const points = [...values].map(([drawnAt, list]) => [drawnAt, REDUCE[reduce](list)] as const);
    return points.length > 0 ? [{ meter, points }] : [];
  });
}

/** The newest value no older than the longest time between two readings. */
export function newest({ byMeter }: Truth, quantity: Quantity, { toMs, readingS }: View): Series[] {
  return [...byMeter].flatMap(([meter, readings]) => {
    const found = readings.findLast(
      ({ takenAt, sample }) => takenAt <= toMs && takenAt > toMs - readingS * 1000 && sample[quantity] !== undefined,
    );
    const value = found?.sample[quantity];
    return value === undefined ? [] : [{ meter, points: [[toMs, value] as const] }];
  });
}

const NUMBER: Readonly<Record<Family, (number: number) => string>> = {
  cell: (number) => `cell${number}`,
  balancing: (number) => `c${String(number).padStart(2, "0")}`,
  temperature: (number) => `temp${number}`,
};

/** One series per meter and number. */
export function numbered(family: Family, of: (quantity: Quantity) => readonly Series[]): Series[] {
  return Array.from({ length: family === "temperature" ? 8 : 32 }, (_, i) => i + 1).flatMap((number) =>
    of(NUMBER[family](number) as Quantity).map((series) => ({ ...series, number: String(number) })),
  );
}

/** Stretches with a measurement: those of the given length, in the week's own grid, in which there is one. */
function observedSpans(readings: readonly Reading[], startMs: number, { readingS }: View) {
  const lengthMs = readingS * 1000;
  const indexes = readings
    .filter(({ sample }) => sample.watts !== undefined)
    .map(({ takenAt }) => Math.floor((takenAt - startMs) / lengthMs));
  return [...new Set(indexes)].map((index) => ({ from: index * lengthMs, to: (index + 1) * lengthMs }));
}

/** Energy and observed part of each stretch from `fromMs`, by the batteries' own account of the observed time. */
export function accounts(
  { week, byMeter }: Truth,
  view: View,
  lengthMs: number,
): {
  readonly meter: string;
  readonly at: number;
  readonly inKwh: number;
  readonly outKwh: number;
  readonly observed: number;
}[] {
  return week.meters.flatMap(({ name: meter, battery }) => {
    const spans = observedSpans(byMeter.get(meter) ?? [], week.startMs, view);
    const count = Math.round((view.toMs - view.fromMs) / lengthMs);
    return Array.from({ length: count }, (_, i) => {
      const from = view.fromMs - week.startMs + i * lengthMs;
      const within = spans.filter((span) => span.from >= from && span.from < from + lengthMs);
      // A battery reports what flows now: its protection has to hold while the account of that time is asked for.
      const [protection] = protectionsOf(meter);
      const isProtected = (span: { readonly from: number }) =>
        protection !== undefined && isHeld(meter, protection, span.from);
      const whole = { from, to: from + lengthMs };
      if (protection) battery.setProtection(protection, false);
      const free = accountIn(
        whole,
        within.filter((span) => !isProtected(span)),
        battery,
      );
      if (protection) battery.setProtection(protection, true);
      const held = accountIn(whole, within.filter(isProtected), battery);
      return {
        meter,
        at: week.startMs + from,
        inKwh: (free.chargedWh + held.chargedWh) / 1000,
        outKwh: (free.dischargedWh + held.dischargedWh) / 1000,
        observed: (free.ms + held.ms) / lengthMs,
      };
    });
  });
}

export const days = (truth: Truth, view: View) => remembered(truth, view, DAY_MS);
export const whole = (truth: Truth, view: View) => remembered(truth, view, view.toMs - view.fromMs);

const known = new Map<number, ReturnType<typeof accounts>>();

/** An account of a week takes seconds, and every database is compared with it. */
function remembered(truth: Truth, view: View, lengthMs: number) {
  const found = known.get(lengthMs) ?? accounts(truth, view, lengthMs);
  known.set(lengthMs, found);
  return found;
}
