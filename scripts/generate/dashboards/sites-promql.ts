import type { Quantity } from "../../../common/model/quantities.ts";
import { STATES } from "./content/state-names.ts";
import type { SiteFigure, SiteQuery } from "./description.ts";
import { ALL, HOUR, MEASUREMENT, METERS, READING_S, SILENT_S, SITES } from "./names.ts";
import { lastSeen, SELECTED, series, WINDOW } from "./selection-promql.ts";

/** Queries in PromQL for who is silent and who has an alarm, at each site. */

/**
 * Meters without a site get the name that chooses all sites. Below the aggregation: above it VictoriaMetrics 1.79 puts the
 * value of another label there.
 */
const named = (each: string) => `label_replace(${each}, "${SITES}", "${ALL}", "${SITES}", "")`;
const bySite = (aggregate: "sum" | "min" | "max" | "count", each: string) =>
  `${aggregate} by (${SITES}) (${named(each)})`;

const SILENT = `(${SILENT_S} + \${${READING_S}})`;
const EARLIER = ` offset ${WINDOW}`;
const SEEN = lastSeen("$__range");
/** Every state that a meter reports, with its quantity as a label: functions that drop the name of a metric keep it. */
const states = (window: string, offset = "") =>
  `label_replace(last_over_time({__name__=~"${MEASUREMENT}_(${STATES.join("|")})",${SELECTED}}[${window}]${offset}), "state", "$1", "__name__", "${MEASUREMENT}_(.+)")`;

/**
 * End of the window in which a state began that is reported now, s since the Unix epoch; at the start of the range for one
 * that held before. Begun has what is reported now and was not in the last report before, which an outage may separate.
 */
const since = (now: string, before: string) => {
  const began = `max_over_time(timestamp((${now} == 1) unless (${before} == 1))[$__range:${WINDOW}])`;
  return `((${began} or (${now} * 0 + time() - $__range_s)) and (${now} == 1))`;
};

const FIGURES: Readonly<Record<SiteFigure, string>> = {
  meters: bySite("count", SEEN),
  silent: bySite("sum", `time() - ${SEEN} >= bool ${SILENT}`),
  "longest-silent": `${bySite("min", SEEN)} * 1000`,
  alarms: `sum by (${SITES}) (max by (${SITES}, ${METERS}) (${named(states(WINDOW))}) == bool 1)`,
  "alarm-since": `${bySite("min", since(states(WINDOW), states(HOUR, EARLIER)))} * 1000`,
  "lowest-charge": bySite("min", `last_over_time(${series("percent")}[${WINDOW}])`),
  "last-seen": `${bySite("max", SEEN)} * 1000`,
};

const COURSES = {
  measuring: `count by (${SITES}) (last_over_time(${series("volts")}[$__interval]))`,
  "lowest-charge": `min by (${SITES}) (min_over_time(${series("percent")}[$__interval]))`,
} as const;

const last = (quantity: Quantity, window: string, offset = "") =>
  `last_over_time(${series(quantity)}[${window}]${offset})`;

export function promqlOfSites(query: SiteQuery): string {
  switch (query.kind) {
    case "site":
      return FIGURES[query.figure];
    case "site-course":
      return COURSES[query.figure];
    case "silent-since":
      return `sort((${SEEN} <= time() - ${SILENT}) * 1000)`;
    case "acting-since":
      return `sort(${since(last(query.quantity, WINDOW), last(query.quantity, HOUR, EARLIER))} * 1000)`;
  }
}
