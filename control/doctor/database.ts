import { type Table, tables } from "../../aggregator/check/configuration.ts";
import type { Marker } from "./marker.ts";

/** A database that Telegraf writes to, as far as it can be asked. */
export interface Database {
  /** For people: where it is. */
  readonly url: string;
  /** Whether the marker stands in it. @throws {Error} where it does not answer */
  has(marker: Marker): Promise<boolean>;
  /** What is wrong with its settings; undefined where nothing is, or nothing can be seen. */
  complaint(): Promise<string | undefined>;
}

const ANSWER_MS = 5_000;

/** The databases in Telegraf's outputs: InfluxDB of either generation, and VictoriaMetrics under the name of the first. */
export function databasesOf(outputs: Table): Database[] {
  return [
    ...tables(outputs.influxdb).flatMap((table) => urlsOf(table).map((url) => influxdb1(url, table))),
    ...tables(outputs.influxdb_v2).flatMap((table) => urlsOf(table).map((url) => influxdb2(url, table))),
  ];
}

function influxdb1(url: string, table: Table): Database {
  const { database = "telegraf", username, password } = table;
  const login = typeof username === "string" ? { u: username, p: String(password ?? "") } : {};
  let metrics: Promise<string | undefined> | undefined;
  /** What VictoriaMetrics tells of itself; undefined where it is something else. */
  const victoria = () => {
    metrics ??= fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) })
      .then((answer) => answer.text())
      .then((text) => (text.includes("vm_app_version") ? text : undefined));
    return metrics;
  };
  return {
    url,
    async has({ measurement, meter, field, time }) {
      if (await victoria()) {
        const wanted = new URLSearchParams({
          "match[]": `${measurement}_${field}{meter="${meter}"}`,
          start: String(time / 1000),
        });
        return (await get(`${url}/api/v1/export?${wanted}`)).includes(String(time));
      }
      const q = `SELECT "${field}" FROM "${measurement}" WHERE "meter" = '${meter}' AND time = ${time}ms`;
      const wanted = new URLSearchParams({ ...login, db: String(database), epoch: "ms", q });
      return (await get(`${url}/query?${wanted}`)).includes(String(time));
    },
    async complaint() {
      const text = await victoria();
      return text === undefined || hasDedup(text)
        ? undefined
        : "a reading that had to be sent twice is stored twice: start VictoriaMetrics with -dedup.minScrapeInterval=1ms";
    },
  };
}

function influxdb2(url: string, { organization, bucket, token }: Table): Database {
  return {
    url,
    async has({ measurement, meter, field, time }) {
      if (typeof token !== "string" || token === "" || token.includes("$")) {
        throw new Error("its token is not in Telegraf's configuration itself");
      }
      const flux = `from(bucket: ${JSON.stringify(bucket)}) |> range(start: time(v: ${time}000000))
        |> filter(fn: (r) => r._measurement == "${measurement}" and r.meter == "${meter}" and r._field == "${field}")`;
      const answer = await fetch(`${url}/api/v2/query?${new URLSearchParams({ org: String(organization) })}`, {
        method: "POST",
        headers: { authorization: `Token ${token}`, "content-type": "application/vnd.flux", accept: "application/csv" },
        body: flux,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return (await textOf(answer)).includes(meter);
    },
    complaint: async () => undefined,
  };
}

/** Whether VictoriaMetrics keeps one of several equal points, by its own metrics. */
export function hasDedup(metrics: string): boolean {
  const value = /^flag\{name="dedup\.minScrapeInterval", ?value="([^"]*)"/m.exec(metrics)?.[1];
  return value !== undefined && !/^0(s|ms)?$/.test(value);
}

async function get(url: string): Promise<string> {
  return textOf(await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }));
}

async function textOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answers ${answer.status} ${text.trim().slice(0, 200)}`);
  return text;
}

function urlsOf({ urls, url }: Table): string[] {
  const named = [urls, url].flat().filter((word): word is string => typeof word === "string");
  return (named.length > 0 ? named : ["http://127.0.0.1:8086"]).map((word) => word.replace(/\/+$/, ""));
}
