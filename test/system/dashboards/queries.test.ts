// Each query of each dashboard, against real databases that a real Telegraf has filled with a simulated week.
import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { DASHBOARDS } from "../../../scripts/generate/dashboards/content/dashboards.ts";
import type { Query } from "../../../scripts/generate/dashboards/description.ts";
import { influxql } from "../../../scripts/generate/dashboards/influxql.ts";
import { AT_THE_END } from "../../../scripts/generate/dashboards/languages.ts";
import { MEASUREMENT } from "../../../scripts/generate/dashboards/names.ts";
import { promql } from "../../../scripts/generate/dashboards/promql.ts";
import { without } from "../telegraf/server.ts";
import { askInfluxql, askPromql, type Series, type View } from "./ask.ts";
import { course, days, newest, numbered, type Truth, truthOf, type Windows, whole } from "./expected.ts";
import { type Databases, fillDatabases, PROGRAM_METRICS } from "./filled-databases.ts";
import { describeEmpty, describeNoSite, describeRest } from "./rest.ts";
import { simulateWeek } from "./simulated-week.ts";
import { COMPARE_SITES, describeSites, VIEWS } from "./sites.ts";

const DAY_MS = 86_400_000;

/** Distinct queries, and the panels that show them. */
const QUERIES = new Map<string, { readonly query: Query; readonly panels: string[] }>();
for (const { title, sections } of DASHBOARDS) {
  for (const panel of sections.flatMap(({ panels }) => panels)) {
    for (const { query } of panel.lines) {
      const key = JSON.stringify(query);
      const known = QUERIES.get(key) ?? { query, panels: [] };
      known.panels.push(`${title}: ${panel.title}`);
      QUERIES.set(key, known);
    }
  }
}

interface Database {
  readonly name: keyof Databases;
  readonly windows: Windows;
  readonly scrapes: boolean;
  ask(url: string, query: Query, view: View): Promise<Series[]>;
}

const inPromql: Database["ask"] = (url, query, view) => {
  // The bar of a day stands at its start.
  const shown = isDaily(query) ? { ...view, toMs: view.toMs - DAY_MS, stepS: DAY_MS / 1000 } : view;
  return askPromql(url, promql(query), shown, AT_THE_END.has(query.kind));
};

const DATABASES: readonly Database[] = [
  { name: "victoriaMetrics", windows: { at: "end" }, scrapes: true, ask: inPromql },
  { name: "prometheus", windows: { at: "end" }, scrapes: true, ask: inPromql },
  {
    name: "influxDb",
    windows: { at: "start" },
    scrapes: false,
    ask: (url, query, view) => askInfluxql(url, influxql(query, MEASUREMENT), view),
  },
];

const isDaily = ({ kind }: Query) => kind === "energy" || kind === "observed";

describe("queries of the dashboards", { skip: without("victoria-metrics", "vmagent", "prometheus", "influxd") }, () => {
  let truth: Truth;
  let view: View;
  let filled: Databases;
  const ends: (() => unknown)[] = [];
  const context = { after: (end: () => unknown) => void ends.push(end) } as unknown as TestContext;
  before(async () => {
    truth = truthOf(await simulateWeek(Date.now()));
    const { startMs, endMs } = truth.week;
    view = { fromMs: startMs, toMs: endMs, stepS: 3600, readingS: 120 };
    filled = await fillDatabases(context, truth.week.readings);
  });
  describeRest(() => ({ databases: filled, truth, view }));
  describeSites(() => ({ databases: filled, truth, view }), VIEWS);
  describe("databases without the tag", () => {
    let own: Truth;
    let small: Databases;
    before(async () => {
      const readings = truth.week.readings.filter(({ site, takenAt }) => !site && takenAt > view.toMs - DAY_MS / 4);
      own = truthOf({ ...truth.week, readings });
      small = await fillDatabases(context, readings);
    });
    describeSites(() => ({ databases: small, truth: own, view }), { "none of which has a name": () => ({}) });
    describeNoSite(() => ({ databases: small, truth: own, view }));
  });
  describe("empty databases", () => {
    let empty: Databases;
    before(async () => {
      empty = await fillDatabases(context, []);
    });
    describeEmpty(
      () => empty,
      () => view,
    );
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  for (const { name, windows, scrapes, ask } of DATABASES) {
    describe(name, () => {
      for (const { query, panels } of QUERIES.values()) {
        if (query.kind === "program" && !scrapes) continue;
        // Telegraf's own figures are of the time at which it ran, not of the week.
        if (query.kind === "telegraf") continue;
        const { kind } = query;
        it(`${JSON.stringify(query)}, for ${panels.join(", ")}`, async () => {
          const answered = await ask(filled[name], query, view);
          COMPARE[kind]({ query, answered, truth, view, windows } as never);
        });
      }
    });
  }
});

/** Names a series: `van`, `van 7`. */
const nameOf = ({ meter, number }: Series) => (number ? `${meter} ${Number(/\d+/.exec(number)?.[0])}` : meter);

interface Case<Q extends Query> {
  readonly query: Q;
  readonly answered: readonly Series[];
  readonly truth: Truth;
  readonly view: View;
  readonly windows: Windows;
}

/** Energy below which a deviation is none, kWh a day: the resolution of a device that is nearly at rest. */
const RESTING_KWH = 0.005;

const COMPARE: {
  readonly [K in Exclude<Query["kind"], "telegraf">]: (each: Case<Extract<Query, { kind: K }>>) => void;
} = {
  ...COMPARE_SITES,
  course: ({ query, answered, truth, view, windows }) =>
    sameSeries(answered, course(truth, query.quantity, query.of, view, windows)),
  acted({ query, answered, truth, view, windows }) {
    const reported = course(truth, query.quantity, "highest", view, windows)
      .map((series) => ({ ...series, points: series.points.filter(([, value]) => value === 1) }))
      .filter(({ points }) => points.length > 0);
    sameSeries(answered, reported);
  },
  courses: ({ query, answered, truth, view, windows }) =>
    sameSeries(
      answered,
      numbered(query.family, (quantity) => course(truth, quantity, "last", view, windows)),
    ),
  newest: ({ query, answered, truth, view }) =>
    sameSeries(atTheEnd(answered, view), newest(truth, query.quantity, view)),
  "newest-of-each": ({ query, answered, truth, view }) =>
    sameSeries(
      atTheEnd(answered, view),
      numbered(query.family, (quantity) => newest(truth, quantity, view)),
    ),
  energy({ query, answered, truth, view }) {
    for (const { meter, at, inKwh, outKwh } of days(truth, view)) {
      const own = query.direction === "in" ? inKwh : outKwh;
      near(valueAt(answered, meter, at), own, 0.01, `${meter}, ${new Date(at).toISOString()}`, RESTING_KWH);
    }
  },
  observed({ answered, truth, view }) {
    for (const { meter, at, observed } of days(truth, view)) near(valueAt(answered, meter, at), observed, 0.002, meter);
  },
  "total-energy"({ query, answered, truth, view }) {
    for (const { meter, inKwh, outKwh } of whole(truth, view)) {
      near(lastOf(answered, meter), query.direction === "in" ? inKwh : outKwh, 0.01, meter, 7 * RESTING_KWH);
    }
  },
  growth({ query, answered, truth }) {
    for (const [meter, readings] of truth.byMeter) {
      const counts = readings.flatMap(({ sample }) => sample[query.quantity] ?? []);
      const grown = counts.slice(1).reduce((sum, count, i) => sum + Math.max(0, count - (counts[i] ?? 0)), 0);
      const points = answered.find((series) => series.meter === meter)?.points ?? [];
      const sum = points.reduce((total, [, value]) => total + value, 0);
      // Some databases leave out what grew between the last reading of an interval and the first of the next.
      near(sum, grown, 0.05, meter);
    }
  },
  "last-seen"({ answered, truth, view, windows }) {
    for (const [meter, readings] of truth.byMeter) {
      const last = readings.findLast(({ sample }) => sample.online === 1)?.takenAt ?? 0;
      const points = answered.find((series) => series.meter === meter)?.points ?? [];
      const [at = 0, value = 0] = points.at(-1) ?? [];
      const seen = windows.at === "end" ? value : at;
      assert.ok(Math.abs(seen - last) <= view.readingS * 1000, `${meter}: ${new Date(seen).toISOString()}`);
    }
  },
  program({ query, answered }) {
    const expected = PROGRAM_METRICS.filter(({ series }) => series.split("{")[0] === query.metric);
    assert.ok(expected.length > 0, query.metric);
    assert.deepEqual(
      answered.map(({ points }) => points.at(-1)?.[1]).sort(),
      expected.map(({ value }) => value).sort(),
    );
  },
  "hours-left"({ answered, truth, view }) {
    const expected = hoursLeft(truth, view);
    assert.ok(expected.size > 0);
    assert.deepEqual(answered.map(({ meter }) => meter).sort(), [...expected.keys()].sort());
    for (const [meter, hours] of expected) near(lastOf(answered, meter), hours, 0.001, meter);
  },
};

function hoursLeft({ byMeter }: Truth, { toMs, readingS }: View): Map<string, number> {
  const left = new Map<string, number>();
  for (const [meter, readings] of byMeter) {
    const recent = readings.filter(({ takenAt }) => takenAt > toMs - 600_000);
    const amps = recent.flatMap(({ sample }) => sample.amps ?? []);
    const remain = recent.findLast(({ takenAt }) => takenAt > toMs - readingS * 1000)?.sample.remain;
    const load = -amps.reduce((sum, value) => sum + value, 0) / amps.length;
    if (remain !== undefined && load > 0.5) left.set(meter, remain / load);
  }
  return left;
}

const valueAt = (series: readonly Series[], meter: string, at: number) =>
  series.find((each) => each.meter === meter)?.points.find(([time]) => time === at)?.[1] ?? 0;
const lastOf = (series: readonly Series[], meter: string) =>
  series.find((each) => each.meter === meter)?.points.at(-1)?.[1] ?? 0;
/** InfluxQL gives a newest value the time of its row. */
const atTheEnd = (series: readonly Series[], { toMs }: View) =>
  series.map((each) => ({ ...each, points: each.points.map(([, value]) => [toMs, value] as const) }));

/** The same series with the same points: those without a reading are absent in both. */
function sameSeries(answered: readonly Series[], expected: readonly Series[]): void {
  assert.deepEqual(answered.map(nameOf).sort(), expected.map(nameOf).sort());
  for (const series of expected) {
    const name = nameOf(series);
    const points = new Map(answered.find((each) => nameOf(each) === name)?.points);
    const times = series.points.map(([at]) => at);
    assert.deepEqual([...points.keys()].sort(), times.sort(), `${name}: other intervals have a value`);
    for (const [at, value] of series.points) near(points.get(at) ?? Number.NaN, value, 1e-6, `${name}, ${at}`);
  }
}

/** Within a part of the expected value, or within `least`. */
function near(actual: number, expected: number, part: number, about: string, least = 1e-6): void {
  const limit = Math.max(least, Math.abs(expected) * part);
  assert.ok(Math.abs(actual - expected) <= limit, `${about}: ${actual} instead of ${expected}`);
}
