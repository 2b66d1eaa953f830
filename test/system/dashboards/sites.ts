import assert from "node:assert/strict";
import { it } from "node:test";
import type { Quantity } from "../../../common/model/quantities.ts";
import { placeOf } from "../../../common/model/site.ts";
import { STATES } from "../../../scripts/generate/dashboards/content/state-names.ts";
import type { SiteFigure, SiteQuery } from "../../../scripts/generate/dashboards/description.ts";
import { influxql } from "../../../scripts/generate/dashboards/influxql.ts";
import { MEASUREMENT, SILENT_S } from "../../../scripts/generate/dashboards/names.ts";
import { promql } from "../../../scripts/generate/dashboards/promql.ts";
import { askInfluxql, askPromql, type Series, type View } from "./ask.ts";
import { course, newest, type Truth, type Windows } from "./expected.ts";
import type { Databases } from "./filled-databases.ts";

/** Answers about sites as the simulated week itself knows them, and their comparison with those of a database. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type BySite = ReadonlyMap<string, number>;

const siteOf = (meter: string) => placeOf(meter).site ?? "";
/** PromQL names the meters without a site. */
const siteOfAnswer = ({ meter }: Series) => siteOf(meter).replace(/^All$/, "");

/** Readings of each meter within the time range. */
const inRange = ({ byMeter }: Truth, { fromMs, toMs }: View) =>
  [...byMeter].map(
    ([name, readings]) => [name, readings.filter(({ takenAt }) => takenAt >= fromMs && takenAt <= toMs)] as const,
  );

function lastMeasurements(truth: Truth, view: View): Map<string, number> {
  return new Map(
    inRange(truth, view).flatMap(([name, readings]) => {
      const last = readings.findLast(({ sample }) => sample.volts !== undefined);
      return last ? [[name, last.takenAt] as const] : [];
    }),
  );
}

const isSilent = (lastMs: number, { toMs, readingS }: View) => toMs - lastMs >= (SILENT_S + readingS) * 1000;

/** Time at which each meter that reports a state now reported it first since it last did not. */
function acting(truth: Truth, view: View, quantity: Quantity): Map<string, number> {
  const now = new Set(
    newest(truth, quantity, view)
      .filter(({ points }) => points[0]?.[1] === 1)
      .map(({ meter }) => meter),
  );
  return new Map(
    inRange(truth, view).flatMap(([name, readings]) => {
      if (!now.has(name)) return [];
      const reports = readings.filter(({ sample }) => sample[quantity] !== undefined);
      const free = reports.findLastIndex(({ sample }) => sample[quantity] !== 1);
      return [[name, reports[free + 1]?.takenAt ?? Number.NaN] as const];
    }),
  );
}

/** One value per site from one per meter. */
function perSite(values: Iterable<readonly [string, number]>, reduce: (values: readonly number[]) => number): BySite {
  const lists = new Map<string, number[]>();
  for (const [name, value] of values) lists.set(siteOf(name), [...(lists.get(siteOf(name)) ?? []), value]);
  return new Map([...lists].map(([site, list]) => [site, reduce(list)]));
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const least = (values: readonly number[]) => Math.min(...values);

const FIGURES: Readonly<Record<SiteFigure, (truth: Truth, view: View) => BySite>> = {
  meters: (truth, view) => perSite(lastMeasurements(truth, view), ({ length }) => length),
  silent: (truth, view) =>
    perSite(
      [...lastMeasurements(truth, view)].map(([name, last]) => [name, isSilent(last, view) ? 1 : 0] as const),
      sum,
    ),
  "longest-silent": (truth, view) => perSite(lastMeasurements(truth, view), least),
  "last-seen": (truth, view) => perSite(lastMeasurements(truth, view), (values) => Math.max(...values)),
  alarms(truth, view) {
    const reporting = new Set(STATES.flatMap((quantity) => [...acting(truth, view, quantity).keys()]));
    return perSite(
      [...lastMeasurements(truth, view).keys()].map((name) => [name, reporting.has(name) ? 1 : 0] as const),
      sum,
    );
  },
  "alarm-since": (truth, view) =>
    perSite(
      STATES.flatMap((quantity) => [...acting(truth, view, quantity)]),
      least,
    ),
  "lowest-charge": (truth, view) =>
    perSite(
      newest(truth, "percent", view).map(({ meter, points }) => [meter, points[0]?.[1] ?? Number.NaN] as const),
      least,
    ),
};
const TIMES: ReadonlySet<SiteFigure> = new Set(["longest-silent", "last-seen", "alarm-since"]);

interface Case<Q extends SiteQuery> {
  readonly query: Q;
  readonly answered: readonly Series[];
  readonly truth: Truth;
  readonly view: View;
  readonly windows: Windows;
}

/** InfluxQL answers with the time of a row, PromQL with a value. */
const timeOf = ({ points }: Series, { at }: Windows) => points.at(-1)?.[at === "end" ? 1 : 0] ?? Number.NaN;

function sameTimes(actual: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>, view: View): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [name, at] of expected) {
    const off = (actual.get(name) ?? Number.NaN) - at;
    assert.ok(Math.abs(off) <= view.readingS * 1000, `${name}: ${off} ms off`);
  }
}

export const COMPARE_SITES: {
  readonly [K in SiteQuery["kind"]]: (each: Case<Extract<SiteQuery, { kind: K }>>) => void;
} = {
  site({ query, answered, truth, view, windows }) {
    const expected = FIGURES[query.figure](truth, view);
    if (TIMES.has(query.figure)) {
      sameTimes(new Map(answered.map((each) => [siteOfAnswer(each), timeOf(each, windows)])), expected, view);
      return;
    }
    const actual = answered.map((each) => [siteOfAnswer(each), each.points.at(-1)?.[1]] as const);
    assert.deepEqual([...actual].sort(), [...expected].sort());
  },
  "site-course"({ query, answered, truth, view, windows }) {
    const [quantity, of] =
      query.figure === "measuring" ? (["volts", "last"] as const) : (["percent", "lowest"] as const);
    const byTime = new Map<string, number[]>();
    for (const { meter, points } of course(truth, quantity, of, view, windows)) {
      for (const [at, value] of points) {
        const key = `${siteOf(meter)} ${at}`;
        byTime.set(key, [...(byTime.get(key) ?? []), value]);
      }
    }
    const reduce = query.figure === "measuring" ? ({ length }: readonly number[]) => length : least;
    const expected = [...byTime].map(([key, values]) => [key, reduce(values)] as const);
    // An interval without a measurement is none in PromQL, and has 0 meters in InfluxQL.
    const actual = answered.flatMap((each) =>
      each.points.filter(([, value]) => value > 0).map(([at, value]) => [`${siteOfAnswer(each)} ${at}`, value]),
    );
    assert.deepEqual(actual.sort(), expected.sort());
  },
  "silent-since"({ answered, truth, view, windows }) {
    const all = lastMeasurements(truth, view);
    // InfluxQL cannot compare a time with the present.
    const expected = windows.at === "end" ? [...all].filter(([, last]) => isSilent(last, view)) : [...all];
    assert.ok(expected.length > 0);
    sameTimes(new Map(answered.map((each) => [each.meter, timeOf(each, windows)])), new Map(expected), view);
  },
  "acting-since"({ query, answered, truth, view, windows }) {
    const actual = new Map(answered.map((each) => [each.meter, timeOf(each, windows)]));
    sameTimes(actual, acting(truth, view, query.quantity), view);
  },
};

type Views = Readonly<Record<string, (view: View) => Partial<View>>>;

/** Others than that of the whole week. */
export const VIEWS: Views = {
  "of the meters without one": () => ({ site: "" }),
  "of one of two sites with the same names": () => ({ site: "boat" }),
  "where a protection held before the time range": ({ toMs }) => ({ fromMs: toMs - DAY_MS }),
  "while a protection that came again is on": ({ fromMs }) => ({ toMs: fromMs + 130.5 * HOUR_MS }),
  "after a protection": ({ fromMs }) => ({ toMs: fromMs + 133 * HOUR_MS }),
};

/** Every figure of the table and of who has an alarm, in several views. */
export function describeSites(
  filled: () => { readonly databases: Databases; readonly truth: Truth; readonly view: View },
  views: Views,
): void {
  const queries: readonly SiteQuery[] = [
    ...(Object.keys(FIGURES) as SiteFigure[]).map((figure) => ({ kind: "site", figure }) as const),
    ...(["ovp", "cot"] as const).map((quantity) => ({ kind: "acting-since", quantity }) as const),
  ];
  for (const name of ["victoriaMetrics", "prometheus", "influxDb"] as const) {
    for (const [about, of] of Object.entries(views)) {
      it(`${name}: sites, ${about}`, async () => {
        const { databases, truth, view: whole } = filled();
        const view = { ...whole, ...of(whole) };
        const isChosen = ([meter]: readonly [string, unknown]) =>
          view.site === undefined || siteOf(meter) === view.site;
        const own: Truth = { ...truth, byMeter: new Map([...truth.byMeter].filter(isChosen)) };
        for (const query of queries) {
          const answered =
            name === "influxDb"
              ? await askInfluxql(databases[name], influxql(query, MEASUREMENT), view)
              : await askPromql(databases[name], promql(query), view, true);
          const windows = { at: name === "influxDb" ? "start" : "end" } as const;
          COMPARE_SITES[query.kind]({ query, answered, truth: own, view, windows } as never);
        }
      });
    }
  }
}
