import type { DataTransformerConfig } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Panel } from "./description.ts";
import type { Language } from "./language.ts";
import { FAMILIES } from "./names.ts";

/** Steps by which Grafana changes the answers of a database before it draws them. */

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
