import type { Quantity } from "../../../common/model/quantities.ts";

/**
 * The dashboards, independent of the language of a database. Every generated file (Grafana with PromQL, Grafana with
 * InfluxQL, vmui) is written from this description.
 */

export interface Dashboard {
  /** Part of the file's name and of the address in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Shown when the dashboard opens: `now-24h`. */
  readonly from: string;
  readonly sections: readonly Section[];
  /** Time between two queries, where it is not the usual one. */
  readonly refresh?: string;
  /** One meter at a time instead of any number. */
  readonly oneMeter?: boolean;
}

export interface Section {
  readonly title: string;
  /** Metrics of the viewer, which only databases that scrape have: dashboards/scrape/viewer.yml. */
  readonly scraped?: true;
  /** For few devices or moments: folded up, and queried by those who open it. */
  readonly rare?: true;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly draw: Drawing;
  readonly lines: readonly Line[];
  /** In Grafana's grid of 24 columns. */
  readonly width: number;
  readonly height: number;
  /** As the vocabulary spells it: `V`, `mV`, `°C`. */
  readonly unit: string;
  readonly decimals?: number;
  readonly range?: { readonly from?: number; readonly to?: number };
  /** From the lowest; a value takes the colour of the last limit that it reaches. */
  readonly colours?: readonly Colour[];
  /** Words for values. */
  readonly words?: Readonly<Record<number, Word>>;
  /** Shown where nothing is stored. */
  readonly empty?: string;
  /** Time range of its own, instead of the dashboard's: `now/M`. */
  readonly since?: string;
  /** Added to the description in the languages that have less than PromQL. */
  readonly exceptIn?: Readonly<Record<string, string>>;
}

/**
 * `course`: lines over time. `days`: a bar per day. `states`: one row per line, in words. `parts`: one row per line, with a
 * number per day. `months`: a table with a row per month, from values per day. `sites`: a table with a row per site and a column
 * per line. The others show one value per line.
 */
export type Drawing = "course" | "days" | "states" | "parts" | "months" | "sites" | "tiles" | "rows" | "gauge" | "bars";

export interface Line {
  readonly query: Query;
  /** Words beside the name of the meter: `kWh in`. */
  readonly label?: string;
  readonly colour?: string;
  /** Of a column, where it differs from that of the panel. */
  readonly unit?: string;
  readonly colours?: readonly Colour[];
  /** Drawn below zero. */
  readonly isDownward?: true;
}

export interface Colour {
  /** Absent: from the lowest value on. */
  readonly from?: number;
  readonly colour: string;
}

export interface Word {
  readonly text: string;
  readonly colour: string;
}

/** Numbered quantities of one kind: `cell1` … `cell32`. */
export type Family = "cell" | "balancing" | "temperature";

export type Query =
  /** A quantity over time; an interval without a reading is a gap. */
  | { readonly kind: "course"; readonly quantity: Quantity; readonly of: "mean" | "lowest" | "highest" }
  /** 1 in the intervals in which a state was reported, and nothing in the others. */
  | { readonly kind: "acted"; readonly quantity: Quantity }
  | { readonly kind: "courses"; readonly family: Family; readonly of: "mean" | "highest" }
  /** The newest value, if it is not older than two readings may be apart. */
  | { readonly kind: "newest"; readonly quantity: Quantity }
  | { readonly kind: "newest-of-each"; readonly family: Family }
  /** kWh per day, integrated from watts over the time with readings. */
  | { readonly kind: "energy"; readonly direction: "in" | "out" }
  /** The same over the whole time range. */
  | { readonly kind: "total-energy"; readonly direction: "in" | "out" }
  /** Part of each day with readings, 0 to 1. */
  | { readonly kind: "observed" }
  /** Growth of a counter per interval; a restart of the agent, which begins at 0, is no decrease. */
  | { readonly kind: "growth"; readonly quantity: Quantity }
  /** Time of the last measurement: ms since the Unix epoch in PromQL, the time of the row in InfluxQL. */
  | { readonly kind: "last-seen" }
  /** Hours until empty at the mean current of the last ten minutes; absent while charging. */
  | { readonly kind: "hours-left" }
  /** A figure that Telegraf keeps about itself, or its growth per interval. */
  | { readonly kind: "telegraf"; readonly of: "highest" | "growth"; readonly figure: TelegrafFigure }
  /** A metric of the viewer about the programs. */
  | { readonly kind: "program"; readonly metric: `bms_${string}` }
  | SiteQuery;

/** Queries over sites. Their meters are those that have a measurement in the time range. */
export type SiteQuery =
  /** One value per site; a time as of `last-seen`. */
  | { readonly kind: "site"; readonly figure: SiteFigure }
  | { readonly kind: "site-course"; readonly figure: "measuring" | "lowest-charge" }
  /** Last measurement of the meters that are silent, as of `last-seen`; in InfluxQL of all meters. */
  | { readonly kind: "silent-since" }
  /** Beginning of a state that a meter reports, as of `last-seen`. */
  | { readonly kind: "acting-since"; readonly quantity: Quantity };

export type SiteFigure =
  | "meters"
  | "silent"
  /** The oldest of the last measurements of its meters. */
  | "longest-silent"
  | "alarms"
  /** Beginning of the oldest state that is reported. */
  | "alarm-since"
  | "lowest-charge"
  | "last-seen";

/** Measurement and field of telegraf/internal.conf. */
export type TelegrafFigure = readonly [measurement: `internal_${string}`, field: string];
