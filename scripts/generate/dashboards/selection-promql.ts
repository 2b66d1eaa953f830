import type { Quantity } from "../../../common/model/quantities.ts";
import { MEASUREMENT, METERS, READING_S, SITES } from "./names.ts";

/** Parts of queries in PromQL: the meters that are chosen. */

export const SELECTED = `${METERS}=~"$${METERS}",${SITES}=~"$${SITES}"`;
/** The time in which each meter has a reading. */
export const WINDOW = `\${${READING_S}}s`;

export const series = (quantity: Quantity) => `${MEASUREMENT}_${quantity}{${SELECTED}}`;

/** The end of the last window in which each meter measured, s since the Unix epoch. */
export const lastSeen = (range: string) =>
  `max_over_time(timestamp(last_over_time(${series("volts")}[${WINDOW}]))[${range}:${WINDOW}])`;
