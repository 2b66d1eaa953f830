import type * as cog from "@grafana/grafana-foundation-sdk/cog";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PROTECTIONS, stateWords } from "./content/state-names.ts";
import type { Line, Query } from "./description.ts";
import { actedInfluxql, influxql } from "./influxql.ts";
import type { Language } from "./language.ts";
import { MEASUREMENT, METERS, SITES } from "./names.ts";
import { actedPromql, promql } from "./promql.ts";
import { VALUE_OF_SITE } from "./sites-influxql.ts";

/** Queries that are evaluated once, at the end of the time range. */
export const AT_THE_END = new Set<Query["kind"]>([
  "newest",
  "newest-of-each",
  "total-energy",
  "last-seen",
  "hours-left",
  "site",
  "silent-since",
  "acting-since",
]);
const isNumbered = ({ kind }: Query) => kind === "courses" || kind === "newest-of-each";

/** The values of tags in the words of a language. */
interface Names {
  readonly site: string;
  readonly meter: string;
  readonly number: string;
  readonly ofTelegraf: string;
}

/** Text beside a line: site and meter, and words where a panel has several lines. */
function legendOf({ query, label }: Line, names: Names): string {
  const { site, number, ofTelegraf } = names;
  // Without a site a blank stays in front, which nobody sees.
  const meter = `${site} ${names.meter}`;
  if (query.kind === "site-course") return `${site} ${label}`;
  if (query.kind === "program") return label ?? query.metric;
  if (query.kind === "telegraf") return label ? `${ofTelegraf} ${label}` : ofTelegraf;
  return isNumbered(query) ? number : label ? `${meter} ${label}` : meter;
}

const IN_PROMQL: Names = {
  site: `{{${SITES}}}`,
  meter: `{{${METERS}}}`,
  number: "{{number}}",
  ofTelegraf: "{{input}}{{output}}",
};
const IN_INFLUXQL: Names = {
  site: `$tag_${SITES}`,
  meter: `$tag_${METERS}`,
  number: "$col",
  ofTelegraf: "$tag_input$tag_output",
};

export const PROMQL: Language = {
  name: "promql",
  title: "PromQL, for VictoriaMetrics and Prometheus",
  datasource: "prometheus",
  target(line, refId) {
    const builder = new DataqueryBuilder()
      .refId(refId)
      .expr(promql(line.query))
      .legendFormat(legendOf(line, IN_PROMQL))
      .format(line.query.kind === "site" ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
    if (line.query.kind === "energy" || line.query.kind === "observed") builder.interval("1d");
    return AT_THE_END.has(line.query.kind) ? builder.instant() : builder.range();
  },
  values: {
    meter: `label_values(${MEASUREMENT}_online{${SITES}=~"$${SITES}"}, ${METERS})`,
    site: `label_values(${MEASUREMENT}_online, ${SITES})`,
  },
  acted: [
    {
      name: "Protections and faults",
      query: new DataqueryBuilder()
        .refId("Anno")
        .expr(actedPromql(PROTECTIONS.map((name) => [name, stateWords(name)])))
        .legendFormat(`{{${SITES}}} {{${METERS}}}: {{state}}`),
    },
  ],
  namesZone: false,
  timeField: "",
  numberedName: (_, label, number) => `${label} ${number}`,
  columnOf: (_, refId) => ({ shown: `Value #${refId}`, others: ["Time"] }),
  scrapes: true,
};

/** Target of Grafana's InfluxDB data source, for which the builder library has no class. */
function influxTarget(fields: Readonly<Record<string, unknown>>): cog.Builder<cog.Dataquery> {
  const target = { rawQuery: true, ...fields };
  return { build: () => target as unknown as cog.Dataquery };
}

const influxLanguage = (name: string, title: string, measurement: string): Language => ({
  name,
  title,
  datasource: "influxdb",
  target: (line, refId) =>
    influxTarget({
      refId,
      query: influxql(line.query, measurement),
      resultFormat: line.query.kind === "site" ? "table" : "time_series",
      alias: legendOf(line, IN_INFLUXQL),
    }),
  values: {
    meter: `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${METERS}" WHERE "${SITES}" =~ /^\${${SITES}:regex}$/`,
    site: `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${SITES}"`,
  },
  // A row has no words in InfluxQL: the name of the annotation has them.
  acted: PROTECTIONS.map((quantity) => ({
    name: stateWords(quantity),
    query: influxTarget({
      refId: "Anno",
      fromAnnotations: true,
      query: actedInfluxql(quantity, measurement),
      textColumn: METERS,
      tagsColumn: `${METERS},${SITES}`,
    }),
  })),
  namesZone: true,
  timeField: "/^Time$/",
  numberedName: (quantity) => `last_${quantity}`,
  // A time is that of the row.
  columnOf: ({ unit }) =>
    unit === "ago" ? { shown: "Time", others: [VALUE_OF_SITE] } : { shown: VALUE_OF_SITE, others: ["Time"] },
  scrapes: false,
});

export const INFLUXQL = influxLanguage("influxql", "InfluxQL, for InfluxDB 1.x and 2.x", MEASUREMENT);

/** The measurement of telegraf/battpack.conf, which continues the history of tgalarneau/bms. */
export const BATTPACK = influxLanguage("battpack", "InfluxQL, for the measurement of tgalarneau/bms", "battpack");

export const LANGUAGES: readonly Language[] = [PROMQL, INFLUXQL];
