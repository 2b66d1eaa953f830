import type { Dashboard, Drawing, Panel } from "./description.ts";
import { METERS, READING_S, SITES } from "./names.ts";
import { promql } from "./promql.ts";

/** A dashboard of VictoriaMetrics' own page. It draws lines only and knows no variables. */
export interface VmuiDashboard {
  readonly title: string;
  readonly rows: readonly {
    readonly title: string;
    readonly panels: readonly {
      readonly title: string;
      readonly description: string;
      readonly unit: string;
      readonly expr: readonly string[];
      readonly alias: readonly string[];
      readonly showLegend: true;
      /** Of 12 columns. */
      readonly width: number;
    }[];
  }[];
}

/** Values of the variables: every meter, a reading at least every two minutes. */
const VALUES: Readonly<Record<string, string>> = {
  [`$${METERS}`]: ".*",
  [`$${SITES}`]: ".*",
  [`\${${READING_S}}`]: "120",
  // MetricsQL takes a window that fits the graph and the series where none is given.
  "[$__interval]": "",
};

/** Without a window this function drops the name of a metric; MetricsQL takes the last value anyway. */
const LAST = /last_over_time\((\{[^}]*\})\)/g;

export function vmuiDashboard({ title, sections }: Dashboard): VmuiDashboard {
  return {
    title: `Battery: ${title}`,
    rows: sections
      .map((section) => ({ title: section.title, panels: section.panels.filter(isDrawn).map(vmuiPanel) }))
      .filter(({ panels }) => panels.length > 0),
  };
}

const DRAWN: ReadonlySet<Drawing> = new Set(["course", "states", "days", "parts"]);
const isDrawn = ({ draw }: Panel) => DRAWN.has(draw);

function vmuiPanel({ title, about, unit, lines, width }: Panel) {
  return {
    title,
    description: about,
    unit,
    expr: lines.map(({ query }) => withoutVariables(promql(query))),
    alias: lines.map(({ query, label }) => {
      if (query.kind === "program") return label ?? query.metric;
      if (query.kind === "site-course") return `{{${SITES}}} ${label}`;
      if (query.kind === "telegraf") return `{{input}}{{output}} ${label ?? ""}`.trim();
      return [`{{${SITES}}} {{${METERS}}}`, query.kind === "courses" ? "{{number}}" : label].filter(Boolean).join(" ");
    }),
    showLegend: true as const,
    width: width / 2,
  };
}

function withoutVariables(query: string): string {
  const text = Object.entries(VALUES).reduce((all, [variable, value]) => all.replaceAll(variable, value), query);
  return text.replace(LAST, "$1");
}
