/** Messages between the test and the page in which Grafana's components draw. */

/** A query with its times, for the database. */
export interface Question {
  readonly text: string;
  readonly language: "promql" | "influxql";
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepS: number;
  readonly isInstant: boolean;
}

/** The time at which a dashboard is looked at, the start of its range, and the longest time between two readings. */
export interface Times {
  readonly nowMs: number;
  readonly from: string;
  readonly readingS: number;
}

/** Contents of a panel after its transformations. */
export interface Held {
  readonly title: string;
  readonly type: string;
  readonly fields: readonly { readonly name: string; readonly values: readonly unknown[] }[];
}
