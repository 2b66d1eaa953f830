import type { DataTransformerConfig } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Panel } from "./description.ts";
import type { Language } from "./language.ts";
import { FAMILIES, SITES } from "./names.ts";

/** Steps by which Grafana changes the answers of a database before it draws them. */

export const SITE_COLUMN = "Site";

/** `cell 2` before `cell 10`, and readable names: databases sort names as text. Empty for other panels. */
export function inOrder({ lines }: Panel, language: Language): DataTransformerConfig[] {
  const family = lines.map(({ query }) => ("family" in query ? query.family : undefined)).find((each) => each);
  if (!family) return [];
  const { quantities, label } = FAMILIES[family];
  const names = quantities.map((quantity, i) => [language.numberedName(quantity, label, i + 1), `${label} ${i + 1}`]);
  return [
    { id: "joinByField", options: { byField: "Time", mode: "outer" } },
    {
      id: "organize",
      options: {
        indexByName: Object.fromEntries([["Time", 0], ...names.map(([name], i) => [name, i + 1])]),
        renameByName: Object.fromEntries(names.filter(([name, shown]) => name !== shown)),
      },
    },
  ];
}

/** Grafana's letters of the queries of a panel. */
export const refIdOf = (i: number) => String.fromCharCode(65 + (i % 26)).repeat(1 + Math.floor(i / 26));

/** A row per site, and a column per line with its label: each query answers with a table of its own. */
export function perSite({ lines }: Panel, language: Language): DataTransformerConfig[] {
  const named = lines.map((line, i): DataTransformerConfig => {
    const { shown, others } = language.columnOf(line, refIdOf(i));
    return {
      id: "organize",
      filter: { id: "byRefId", options: refIdOf(i) },
      options: {
        excludeByName: Object.fromEntries(others.map((name) => [name, true])),
        renameByName: { [shown]: line.label, [SITES]: SITE_COLUMN },
      },
    };
  });
  const columns = [SITE_COLUMN, ...lines.map(({ label }) => label)];
  return [
    ...named,
    { id: "joinByField", options: { byField: SITE_COLUMN, mode: "outer" } },
    // Steps that take one answer each leave them in another order.
    { id: "organize", options: { indexByName: Object.fromEntries(columns.map((name, i) => [name, i])) } },
  ];
}

/** A row per month and a column per line, from values per day. */
export const perMonth = (): DataTransformerConfig[] => [
  { id: "seriesToRows", options: {} },
  { id: "formatTime", options: { timeField: "Time", outputFormat: "YYYY-MM", useTimezone: true } },
  {
    id: "groupBy",
    options: {
      fields: {
        Time: { operation: "groupby", aggregations: [] },
        Metric: { operation: "groupby", aggregations: [] },
        Value: { operation: "aggregate", aggregations: ["sum"] },
      },
    },
  },
  { id: "groupingToMatrix", options: { rowField: "Time", columnField: "Metric", valueField: "Value (sum)" } },
  { id: "organize", options: { renameByName: { "Time\\Metric": "Month" } } },
];
