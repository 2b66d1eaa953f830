import { fullName } from "../../../common/model/site.ts";
import { get } from "../telegraf/server.ts";

/** Values of one meter by the time of their interval, ms. `number`: `cell 7` of a numbered quantity. */
export interface Series {
  /** Full name: `boat/house`; of a line that stands for a site `boat/`. */
  readonly meter: string;
  readonly number?: string;
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** The time range of a dashboard and its variables. */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
  /** $__interval. */
  readonly stepS: number;
  /** Longest time between two readings. */
  readonly readingS: number;
  readonly meter?: string;
  readonly site?: string;
}

/** Puts in the values of the variables, as Grafana does. */
export function interpolate(query: string, { fromMs, toMs, stepS, readingS, meter = ".*", site = ".*" }: View): string {
  const values: Readonly<Record<string, string>> = {
    "${meter:regex}": meter,
    "${site:regex}": site,
    "${reading}": String(readingS),
    "${zone}": "Etc/UTC",
    "${__to}": String(toMs),
    $timeFilter: `time >= ${fromMs}ms and time <= ${toMs}ms`,
    $__range_s: String(Math.round((toMs - fromMs) / 1000)),
    $__interval: `${stepS}s`,
    $__range: `${Math.round((toMs - fromMs) / 1000)}s`,
    $meter: meter,
    $site: site,
  };
  const text = Object.entries(values).reduce((all, [name, value]) => all.replaceAll(name, value), query);
  if (text.includes("$") && !/\$1|\$\//.test(text)) throw new Error(`a variable is left: ${text}`);
  return text;
}

/** An answer as it came: the values of one series, `null` in intervals that a database names and has nothing for. */
export interface Answer {
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the column, in InfluxQL. */
  readonly column: string;
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
}

interface PromAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

/** A range query in steps, or an instant query at the end. @throws where the database refuses it */
export async function promqlAnswers(url: string, query: string, view: View, isInstant: boolean): Promise<Answer[]> {
  const parameters = isInstant
    ? { time: String(view.toMs / 1000) }
    : { start: String(view.fromMs / 1000), end: String(view.toMs / 1000), step: String(view.stepS) };
  const body = new URLSearchParams({ query: interpolate(query, view), ...parameters, nocache: "1" });
  const answer = JSON.parse(
    await get(`${url}/api/v1/${isInstant ? "query" : "query_range"}`, { method: "POST", body }),
  ) as PromAnswer;
  return answer.data.result.map(({ metric, value, values = [] }) => ({
    labels: metric,
    column: "",
    points: (value ? [value] : values).map(([seconds, text]) => [seconds * 1000, Number(text)] as const),
  }));
}

interface InfluxAnswer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly (number | null)[])[];
    }[];
  }[];
}

/** @throws where the database refuses the query */
export async function influxqlAnswers(url: string, query: string, view: View): Promise<Answer[]> {
  const body = new URLSearchParams({ q: interpolate(query, view), db: "telegraf", epoch: "ms" });
  const answer = JSON.parse(await get(`${url}/query`, { method: "POST", body })) as InfluxAnswer;
  const [result] = answer.results;
  if (!result || result.error) throw new Error(`${result?.error}: ${query}`);
  return (result.series ?? []).flatMap(({ tags = {}, columns, values }) =>
    columns.slice(1).map((column, i) => ({
      labels: tags,
      column,
      points: values.map((row) => [row[0] ?? 0, row[i + 1] ?? null] as const),
    })),
  );
}

export async function askPromql(url: string, query: string, view: View, isInstant: boolean): Promise<Series[]> {
  const answers = await promqlAnswers(url, query, view, isInstant);
  return answers.map(({ labels, points }) => seriesOf(labels, labels.number, points));
}

export async function askInfluxql(url: string, query: string, view: View): Promise<Series[]> {
  const answers = await influxqlAnswers(url, query, view);
  return answers
    .map(({ labels, column, points }) => seriesOf(labels, /^last_\D+0?(\d+)$/.exec(column)?.[1], points))
    .filter(({ points }) => points.length > 0);
}

const seriesOf = (
  { site, meter = "" }: Answer["labels"],
  number: string | undefined,
  points: Answer["points"],
): Series => ({
  // InfluxQL names a tag that a series has not.
  meter: fullName({ meter, ...(site && { site }) }),
  ...(number && { number }),
  points: points.flatMap(([at, value]) => (value === null ? [] : [[at, value] as const])),
});
