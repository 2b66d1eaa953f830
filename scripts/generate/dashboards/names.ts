import { BALANCE_NAMES, CELL_NAMES, type Quantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import { silent } from "../../../viewer/alerts/rules/delivery.ts";
import type { Family } from "./description.ts";

/** Variables of the dashboards, as the queries spell them. */
export const METERS = "meter";
export const SITES = "site";
/** Longest time between two readings of a meter, s. */
export const READING_S = "reading";
/** For days that begin at local midnight, in InfluxQL. */
export const ZONE = "zone";

/** Measurement of telegraf/battery.conf, and prefix of its metrics. */
export const MEASUREMENT = "battery";

/** Choice of every value of a variable: the word that Grafana takes for it in an address. */
export const ALL = "All";
/** An outage that is no longer does not begin a state anew. */
export const HOUR = "1h";
/** A meter without a measurement for this time and that between two readings is silent, s: as in the alert rule. */
export const SILENT_S = silent.preset.delayMs / 1000;

/** Current below which a battery rests, A. */
export const RESTING_A = 0.5;

interface FamilyNames {
  readonly quantities: readonly Quantity[];
  /** Matches the numbered names and no other; its group is the number. */
  readonly pattern: string;
  /** `cell 7` */
  readonly label: string;
}

export const FAMILIES: Readonly<Record<Family, FamilyNames>> = {
  cell: { quantities: CELL_NAMES, pattern: "cell([0-9]+)", label: "cell" },
  balancing: { quantities: BALANCE_NAMES, pattern: "c0?([0-9]+)", label: "cell" },
  temperature: { quantities: TEMPERATURE_NAMES, pattern: "temp([0-9]+)", label: "sensor" },
};
