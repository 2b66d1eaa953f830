import type { Quantity } from "../../../common/model/quantities.ts";
import { METERS, READING_S, SITES } from "./names.ts";

/** Parts of queries in InfluxQL: the meters and times that are chosen. */

const SELECTED = `"${METERS}" =~ /^\${${METERS}:regex}$/ AND "${SITES}" =~ /^\${${SITES}:regex}$/`;

export const IN_RANGE = "$timeFilter";
/** The last stretch of the range. */
export const within = (duration: string) => `time > \${__to}ms - ${duration} AND time <= \${__to}ms`;
/** The one in which each meter has a reading. */
export const NEWEST = within(`\${${READING_S}}s`);
/** Two sites may use the same name. */
export const BY_METER = `"${METERS}", "${SITES}"`;

export const field = (quantity: Quantity) => `"${quantity}"`;
export const from = (measurement: string) => `FROM "${measurement}" WHERE ${SELECTED}`;
