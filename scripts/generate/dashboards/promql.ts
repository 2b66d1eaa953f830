import type { Quantity } from "../../../common/model/quantities.ts";
import type { Family, Query } from "./description.ts";
import { FAMILIES, MEASUREMENT, READING_S, RESTING_A } from "./names.ts";
import { lastSeen, SELECTED, series, WINDOW } from "./selection-promql.ts";
import { promqlOfSites } from "./sites-promql.ts";

/** Queries in PromQL, for VictoriaMetrics and Prometheus. */

const KWH_OF_WINDOW = `* \${${READING_S}} / 3.6e6`;

const OVER_TIME = { mean: "avg_over_time", lowest: "min_over_time", highest: "max_over_time" } as const;

/** The number of a cell or sensor becomes a label; functions that drop the name of a metric keep it. */
function numbered(family: Family, over: (selector: string) => string): string {
  const { pattern, label } = FAMILIES[family];
  const selector = `{__name__=~"${MEASUREMENT}_${pattern}",${SELECTED}}`;
  return `label_replace(${over(selector)}, "number", "${label} $1", "__name__", "${MEASUREMENT}_${pattern}")`;
}

/** Mean power of each window with readings, W: those without are no part of a sum. */
function power(direction: "in" | "out"): string {
  const watts = `avg_over_time(${series("watts")}[${WINDOW}])`;
  return direction === "in" ? `clamp_min(${watts}, 0)` : `clamp_min(-${watts}, 0)`;
}

export function promql(query: Query): string {
  switch (query.kind) {
    case "course":
      return `${OVER_TIME[query.of]}(${series(query.quantity)}[$__interval])`;
    case "acted":
      return `max_over_time(${series(query.quantity)}[$__interval]) > 0`;
    case "courses":
      return numbered(query.family, (selector) => `last_over_time(${selector}[$__interval])`);
    case "newest":
      return `last_over_time(${series(query.quantity)}[${WINDOW}])`;
    case "newest-of-each":
      return numbered(query.family, (selector) => `last_over_time(${selector}[${WINDOW}])`);
    // A day ends a day after its bar.
    case "energy":
      return `sum_over_time((${power(query.direction)})[1d:${WINDOW}] offset -1d) ${KWH_OF_WINDOW}`;
    case "total-energy":
      return `sum_over_time((${power(query.direction)})[$__range:${WINDOW}]) ${KWH_OF_WINDOW}`;
    case "observed":
      return `count_over_time((avg_over_time(${series("watts")}[${WINDOW}]))[1d:${WINDOW}] offset -1d) * \${${READING_S}} / 86400`;
    case "growth":
      return `increase(${series(query.quantity)}[$__interval])`;
    case "last-seen":
      return `${lastSeen("7d")} * 1000`;
    case "hours-left":
      return `last_over_time(${series("remain")}[${WINDOW}]) / (-avg_over_time(${series("amps")}[10m]) > ${RESTING_A})`;
    case "telegraf": {
      const figure = query.figure.join("_");
      return query.of === "growth" ? `increase(${figure}[$__interval])` : `max_over_time(${figure}[$__interval])`;
    }
    case "program":
      return `max_over_time(${query.metric}[$__interval])`;
    default:
      return promqlOfSites(query);
  }
}

/** One for each protection that holds a pack, with its words in the label `state`. */
export function actedPromql(states: readonly (readonly [Quantity, string])[]): string {
  return states.map(([name, words]) => `label_replace(${series(name)} == 1, "state", "${words}", "", "")`).join(" or ");
}
