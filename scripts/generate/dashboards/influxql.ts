import type { Quantity } from "../../../common/model/quantities.ts";
import type { Family, Query } from "./description.ts";
import { FAMILIES, METERS, READING_S, RESTING_A, SITES, ZONE } from "./names.ts";
import { BY_METER, field, from, IN_RANGE, NEWEST, within } from "./selection-influxql.ts";
import { influxqlOfSites } from "./sites-influxql.ts";

/** Queries in InfluxQL, for InfluxDB 1.x and, by its compatibility mapping, 2.x. */

const OF = { mean: "mean", lowest: "min", highest: "max" } as const;
/** `input` of what it receives, `output` of what it sends. */
const TAGS_OF_TELEGRAF = `"input", "output"`;
const DAILY = `GROUP BY time(1d), ${BY_METER} fill(none) tz('\${${ZONE}}')`;

const numbered = (family: Family) => `/^${FAMILIES[family].pattern}$/`;

/** Energy of each window with readings, kWh, as field `kwh`; negative while discharging. */
const windows = (measurement: string) =>
  `SELECT mean("watts") * \${${READING_S}} / 3600000 AS "kwh" ${from(measurement)} AND ${IN_RANGE} GROUP BY time(\${${READING_S}}s), ${BY_METER} fill(none)`;

const SIDE = {
  in: { sum: `sum("kwh")`, where: `WHERE "kwh" > 0` },
  out: { sum: `0 - sum("kwh")`, where: `WHERE "kwh" < 0` },
} as const;

export function influxql(query: Query, measurement: string): string {
  const chosen = from(measurement);
  switch (query.kind) {
    case "course":
      return `SELECT ${OF[query.of]}(${field(query.quantity)}) ${chosen} AND ${IN_RANGE} GROUP BY time($__interval), ${BY_METER} fill(null)`;
    case "acted":
      return `SELECT max(${field(query.quantity)}) ${chosen} AND ${IN_RANGE} AND ${field(query.quantity)} = 1 GROUP BY time($__interval), ${BY_METER} fill(null)`;
    case "courses":
      return `SELECT last(${numbered(query.family)}) ${chosen} AND ${IN_RANGE} GROUP BY time($__interval), ${BY_METER} fill(null)`;
    case "newest":
      return `SELECT last(${field(query.quantity)}) ${chosen} AND ${NEWEST} GROUP BY ${BY_METER}`;
    case "newest-of-each":
      return `SELECT last(${numbered(query.family)}) ${chosen} AND ${NEWEST} GROUP BY ${BY_METER}`;
    case "energy": {
      const { sum, where } = SIDE[query.direction];
      return `SELECT ${sum} FROM (${windows(measurement)}) ${where} ${DAILY}`;
    }
    case "total-energy": {
      const { sum, where } = SIDE[query.direction];
      return `SELECT ${sum} FROM (${windows(measurement)}) ${where} GROUP BY ${BY_METER}`;
    }
    case "observed":
      return `SELECT count("kwh") * \${${READING_S}} / 86400 FROM (${windows(measurement)}) ${DAILY}`;
    case "growth":
      return `SELECT non_negative_difference(last(${field(query.quantity)})) ${chosen} AND ${IN_RANGE} GROUP BY time($__interval), ${BY_METER} fill(none)`;
    case "last-seen":
      return `SELECT last("volts") ${chosen} AND time <= \${__to}ms GROUP BY ${BY_METER}`;
    case "hours-left":
      return `SELECT "hours" FROM (SELECT last("remain") / (0 - mean("amps")) AS "hours", 0 - mean("amps") AS "load" ${chosen} AND ${within("10m")} GROUP BY ${BY_METER}) WHERE "load" > ${RESTING_A} GROUP BY ${BY_METER}`;
    case "telegraf": {
      const [itself, figure] = query.figure;
      const value = query.of === "growth" ? `non_negative_difference(last("${figure}"))` : `max("${figure}")`;
      const fill = query.of === "growth" ? "none" : "null";
      return `SELECT ${value} FROM "${itself}" WHERE ${IN_RANGE} GROUP BY time($__interval), ${TAGS_OF_TELEGRAF} fill(${fill})`;
    }
    case "program":
      throw new Error("InfluxDB does not scrape");
    default:
      return influxqlOfSites(query, measurement);
  }
}

/** The rows in which a protection holds a pack. */
export const actedInfluxql = (name: Quantity, measurement: string) =>
  `SELECT ${field(name)}, "${METERS}", "${SITES}" ${from(measurement)} AND ${IN_RANGE} AND ${field(name)} = 1`;
