import assert from "node:assert/strict";
import { it } from "node:test";
import { DASHBOARDS } from "../../../scripts/generate/dashboards/content/dashboards.ts";
import { stateWords } from "../../../scripts/generate/dashboards/content/state-names.ts";
import type { Query } from "../../../scripts/generate/dashboards/description.ts";
import { influxql } from "../../../scripts/generate/dashboards/influxql.ts";
import { AT_THE_END, INFLUXQL, PROMQL } from "../../../scripts/generate/dashboards/languages.ts";
import { MEASUREMENT } from "../../../scripts/generate/dashboards/names.ts";
import { promql } from "../../../scripts/generate/dashboards/promql.ts";
import { vmuiDashboard } from "../../../scripts/generate/dashboards/vmui.ts";
import { until } from "../../support/until.ts";
import { get } from "../telegraf/server.ts";
import { askInfluxql, askPromql, interpolate, type Series, type View } from "./ask.ts";
import { type Truth, whole } from "./expected.ts";
import { BUFFER_LIMIT, type Databases } from "./filled-databases.ts";
import { PROTECTED } from "./simulated-week.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LINES = DASHBOARDS.flatMap(({ sections }) =>
  sections.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines)),
);

/** Needs of the tests of variables and annotations; known once the databases are filled. */
export interface Filled {
  readonly databases: Databases;
  readonly truth: Truth;
  readonly view: View;
}

/** Tests of the queries that no panel shows: variables, annotations, vmui; and of databases that hold next to nothing. */
export function describeRest(filled: () => Filled): void {
  const promqlDatabases = ["victoriaMetrics", "prometheus"] as const;

  for (const name of promqlDatabases) {
    it(`${name}: the variables list the meters and the sites`, async () => {
      const { databases, view } = filled();
      const values = (query: string) => promqlValues(databases[name], query, view);
      assert.deepEqual(await values(PROMQL.values.meter), ["house", "shunt", "solar", "van"]);
      assert.deepEqual(await values(PROMQL.values.site), ["boat", "shed"]);
    });

    it(`${name}: the annotation shows when a protection held, in words`, async () => {
      const { databases, view } = filled();
      const [annotation] = PROMQL.acted;
      assert.ok(annotation);
      const { expr } = annotation.query.build() as unknown as { readonly expr: string };
      const answered = await askPromql(databases[name], expr, { ...view, stepS: 300 }, false);
      assert.deepEqual(answered.map(({ meter }) => meter).sort(), ["boat/house", "van"]);
      for (const series of answered) checkProtected([series], series.meter, view);
    });
  }

  it("influxDb: the variables list the meters and the sites", async () => {
    const { databases, view } = filled();
    const values = (query: string) => influxqlValues(databases.influxDb, query, view);
    assert.deepEqual(await values(INFLUXQL.values.meter), ["house", "shunt", "solar", "van"]);
    assert.deepEqual(await values(INFLUXQL.values.site), ["boat", "shed"]);
  });

  it("influxDb: the annotation of a protection shows when it held, and those of the others show nothing", async () => {
    const { databases, view } = filled();
    for (const { name, query } of INFLUXQL.acted) {
      const { query: text } = query.build() as unknown as { readonly query: string };
      const answered = await askInfluxql(databases.influxDb, text, view);
      const held = PROTECTED.find((each) => stateWords(each.name) === name);
      if (held) checkProtected(answered, held.meter, view);
      else assert.deepEqual(answered, [], name);
    }
  });

  for (const name of ["victoriaMetrics", "influxDb"] as const) {
    it(`${name}: the figures of Telegraf itself are there`, async () => {
      const { databases } = filled();
      const valuesOf = async (query: Query) => {
        const now = Date.now();
        const view = { fromMs: now - 600_000, toMs: now, stepS: 2, readingS: 60 };
        const answered =
          name === "influxDb"
            ? await askInfluxql(databases[name], influxql(query, MEASUREMENT), view)
            : await askPromql(databases[name], promql(query), view, false);
        return answered.flatMap(({ points }) => points.map(([, value]) => value));
      };
      for (const { query } of LINES) {
        if (query.kind !== "telegraf") continue;
        // VictoriaMetrics shows them some seconds later.
        await until(query.figure.join(" "), async () => (await valuesOf(query)).length > 0);
      }
      const figure = (of: "highest" | "growth", field: string) =>
        valuesOf({ kind: "telegraf", of, figure: ["internal_write", field] });
      assert.equal(Math.max(...(await figure("highest", "buffer_limit"))), 2 * BUFFER_LIMIT);
      assert.ok(Math.max(...(await figure("growth", "metrics_written"))) > 0);
      assert.equal(Math.max(...(await figure("growth", "metrics_dropped"))), 0);
    });
  }

  for (const name of ["victoriaMetrics", "prometheus", "influxDb"] as const) {
    it(`${name}: days of twelve months, from which Grafana makes months`, async () => {
      const { databases, view, truth } = filled();
      const months = { ...view, fromMs: view.toMs - 52 * 7 * DAY_MS };
      for (const direction of ["in", "out"] as const) {
        const query = { kind: "energy", direction } as const;
        const answered =
          name === "influxDb"
            ? await askInfluxql(databases[name], influxql(query, MEASUREMENT), months)
            : await askPromql(databases[name], promql(query), { ...months, stepS: DAY_MS / 1000 }, false);
        for (const { meter, inKwh, outKwh } of whole(truth, view)) {
          const own = direction === "in" ? inKwh : outKwh;
          const points = answered.find((series) => series.meter === meter)?.points ?? [];
          const sum = points.reduce((total, [, value]) => total + value, 0);
          assert.ok(Math.abs(sum - own) <= Math.max(0.01 * own, 0.035), `${meter}: ${sum} instead of ${own}`);
        }
      }
    });
  }

  it("vmui: every query of its dashboards answers as that of Grafana", async () => {
    const { databases, view } = filled();
    const shown = { ...view, readingS: 120, stepS: 600, fromMs: view.toMs - 24 * HOUR_MS };
    for (const dashboard of DASHBOARDS) {
      const panels = dashboard.sections.flatMap((section) => section.panels);
      for (const { title, description, expr } of vmuiDashboard(dashboard).rows.flatMap((row) => row.panels)) {
        const lines = panels.find((panel) => panel.title === title && panel.about === description)?.lines ?? [];
        for (const [i, query] of expr.entries()) {
          const own = await askPromql(databases.victoriaMetrics, query, shown, false);
          const line = lines[i];
          assert.ok(line, title);
          const ofGrafana = await askPromql(databases.victoriaMetrics, promql(line.query), shown, false);
          assert.deepEqual(own.map(nameOf).sort(), ofGrafana.map(nameOf).sort(), query);
        }
      }
    }
  });
}

/** Test of the variables in databases that have no site. */
export function describeNoSite(filled: () => Filled): void {
  it("the variables list the meters and no site", async () => {
    const { databases, view } = filled();
    for (const url of [databases.victoriaMetrics, databases.prometheus]) {
      assert.deepEqual(await promqlValues(url, PROMQL.values.meter, view), ["house", "shunt", "solar", "van"]);
      assert.deepEqual(await promqlValues(url, PROMQL.values.site, view), []);
    }
    assert.deepEqual(await influxqlValues(databases.influxDb, INFLUXQL.values.meter, view), [
      "house",
      "shunt",
      "solar",
      "van",
    ]);
    assert.deepEqual(await influxqlValues(databases.influxDb, INFLUXQL.values.site, view), []);
  });
}

async function promqlValues(url: string, query: string, view: View): Promise<readonly string[]> {
  const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(interpolate(query, view)) ?? [];
  const parameters = new URLSearchParams({
    "match[]": selector,
    start: String(view.fromMs / 1000),
    end: String(view.toMs / 1000),
  });
  return JSON.parse(await get(`${url}/api/v1/label/${label}/values?${parameters}`)).data;
}

async function influxqlValues(url: string, query: string, view: View): Promise<readonly string[]> {
  const body = new URLSearchParams({ q: interpolate(query, view), db: "telegraf" });
  const [result] = JSON.parse(await get(`${url}/query`, { method: "POST", body })).results;
  return (result.series?.[0]?.values ?? []).map(([, value]: readonly string[]) => value);
}

/** One test per database that has no reading of the kind that a query asks for. */
export function describeEmpty(databases: () => Databases, view: () => View): void {
  it("no query fails where its quantity has never been seen", async () => {
    const { victoriaMetrics, prometheus, influxDb } = databases();
    for (const { sections } of DASHBOARDS) {
      for (const { query } of sections.flatMap(({ panels }) => panels).flatMap(({ lines }) => lines)) {
        for (const url of [victoriaMetrics, prometheus]) {
          assert.deepEqual(await askPromql(url, promql(query), view(), AT_THE_END.has(query.kind)), []);
        }
        if (query.kind !== "program") {
          assert.deepEqual(await askInfluxql(influxDb, influxql(query, MEASUREMENT), view()), []);
        }
      }
    }
  });
}

const nameOf = ({ meter, number = "" }: Series) => `${meter} ${number}`;

function checkProtected(answered: readonly Series[], meter: string, { fromMs }: View): void {
  const held = PROTECTED.filter((each) => each.meter === meter);
  const times = answered.flatMap(({ points }) => points.map(([at]) => (at - fromMs) / HOUR_MS));
  assert.ok(times.length > 10);
  // A series goes on for five minutes after its last value.
  const strays = times.filter((at) => !held.some(({ from, to }) => at >= from - 0.01 && at <= to + 0.1));
  assert.deepEqual(strays, []);
}
