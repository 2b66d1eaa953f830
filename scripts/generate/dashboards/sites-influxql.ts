import type { Quantity } from "../../../common/model/quantities.ts";
import { STATES } from "./content/state-names.ts";
import type { SiteFigure, SiteQuery } from "./description.ts";
import { READING_S, SILENT_S, SITES } from "./names.ts";
import { BY_METER, field, from, IN_RANGE, NEWEST, within } from "./selection-influxql.ts";

/** Queries in InfluxQL for who is silent and who has an alarm, at each site. */

/** Name of the column that holds the value of a site. */
export const VALUE_OF_SITE = "value";
const BY_SITE = `GROUP BY "${SITES}"`;
const SILENT = `${SILENT_S}s - \${${READING_S}}s`;

export function influxqlOfSites(query: SiteQuery, measurement: string): string {
  const chosen = from(measurement);
  /** The last measurement of each meter in a stretch of time. */
  const seen = (time: string) => `SELECT last("volts") AS "v" ${chosen} AND ${time} GROUP BY ${BY_METER}`;
  const counted = (sign: "1" | "0" | "-1", of: string) =>
    `SELECT ${sign} * count("v") AS "${VALUE_OF_SITE}" FROM (${of}) ${BY_SITE}`;
  /** Adds what the languages of other databases compute with two vectors: a site is in the sum if it is in one of them. */
  const sum = (first: string, second: string) =>
    `SELECT sum("${VALUE_OF_SITE}") AS "${VALUE_OF_SITE}" FROM (${first}), (${second}) ${BY_SITE}`;
  const reporting = STATES.map((name) => `${field(name)} = 1`).join(" OR ");

  /** The last change of a state, 1 at its beginning; the range begins with a change. */
  const changed = (quantity: Quantity) => {
    const each = (value: string) => `(SELECT ${value} AS "d" ${chosen} AND ${IN_RANGE} GROUP BY ${BY_METER})`;
    const sources = `${each(`difference(${field(quantity)})`)}, ${each(`first(${field(quantity)})`)}`;
    return `SELECT last("d") AS "d" FROM ${sources} WHERE "d" <> 0 GROUP BY ${BY_METER}`;
  };

  const figures: Readonly<Record<SiteFigure, () => string>> = {
    meters: () => counted("1", seen(IN_RANGE)),
    silent: () => sum(counted("1", seen(IN_RANGE)), counted("-1", seen(within(SILENT)))),
    "longest-silent": () => `SELECT first("v") AS "${VALUE_OF_SITE}" FROM (${seen(IN_RANGE)}) ${BY_SITE}`,
    alarms: () => sum(counted("0", seen(IN_RANGE)), counted("1", seen(`${NEWEST} AND (${reporting})`))),
    "alarm-since": () =>
      `SELECT first("d") AS "${VALUE_OF_SITE}" FROM ${STATES.map((name) => `(${changed(name)})`).join(", ")} WHERE "d" > 0 ${BY_SITE}`,
    "lowest-charge": () =>
      `SELECT min("p") AS "${VALUE_OF_SITE}" FROM (SELECT last("percent") AS "p" ${chosen} AND ${NEWEST} GROUP BY ${BY_METER}) ${BY_SITE}`,
    "last-seen": () => `SELECT last("v") AS "${VALUE_OF_SITE}" FROM (${seen(IN_RANGE)}) ${BY_SITE}`,
  };
  const inIntervals = `${chosen} AND ${IN_RANGE} GROUP BY time($__interval)`;
  const courses = {
    measuring: `SELECT count("v") FROM (SELECT last("volts") AS "v" ${inIntervals}, ${BY_METER} fill(none)) WHERE ${IN_RANGE} GROUP BY time($__interval), "${SITES}" fill(null)`,
    "lowest-charge": `SELECT min("percent") ${inIntervals}, "${SITES}" fill(null)`,
  } as const;

  switch (query.kind) {
    case "site":
      return figures[query.figure]();
    case "site-course":
      return courses[query.figure];
    case "silent-since":
      return `SELECT last("volts") ${chosen} AND ${IN_RANGE} GROUP BY ${BY_METER}`;
    case "acting-since":
      return `SELECT "d" FROM (${changed(query.quantity)}) WHERE "d" > 0 GROUP BY ${BY_METER}`;
  }
}
