import { type Table, tables } from "../../aggregator/check/configuration.ts";
import type { ProbeRow } from "./probe-row.ts";

/** A database that Telegraf writes to. */
export interface Database {
  readonly url: string;
  /** @throws {Error} if it does not answer or refuses the query */
  contains(row: ProbeRow): Promise<boolean>;
  /** The remedy if it stores readings twice that were sent twice; undefined if it does not, or does not report it. */
  misconfiguration(): Promise<string | undefined>;
}

const ANSWER_MS = 5_000;

/** The databases in Telegraf's outputs: InfluxDB 1 and 2, and VictoriaMetrics, which is configured as InfluxDB 1. */
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
  /** The metrics of VictoriaMetrics; undefined if it is another database. */
  const victoria = () => {
    metrics ??= fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) })
      .then((answer) => answer.text())
      .then((text) => (text.includes("vm_app_version") ? text : undefined));
    return metrics;
  };
  return {
    url,
    async contains({ measurement, meter, field, time }) {
      if (await victoria()) {
        const query = new URLSearchParams({
          "match[]": `${measurement}_${field}{meter="${meter}"}`,
          start: String(time / 1000),
        });
        return (await get(`${url}/api/v1/export?${query}`)).includes(String(time));
      }
      const q = `SELECT "${field}" FROM "${measurement}" WHERE "meter" = '${meter}' AND time = ${time}ms`;
      const query = new URLSearchParams({ ...login, db: String(database), epoch: "ms", q });
      return (await get(`${url}/query?${query}`)).includes(String(time));
    },
    async misconfiguration() {
      const text = await victoria();
      if (text === undefined || hasDedup(text)) return undefined;
      return "start VictoriaMetrics with -dedup.minScrapeInterval=1ms";
    },
  };
}

function influxdb2(url: string, { organization, bucket, token }: Table): Database {
  return {
    url,
    async contains({ measurement, meter, field, time }) {
      if (typeof token !== "string" || token === "" || token.includes("$")) {
        throw new Error("Telegraf's configuration does not contain its token");
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
    misconfiguration: async () => undefined,
  };
}

/** Reads from the metrics of VictoriaMetrics whether it stores one of several equal points. */
export function hasDedup(metrics: string): boolean {
  const value = /^flag\{name="dedup\.minScrapeInterval", ?value="([^"]*)"/m.exec(metrics)?.[1];
  return value !== undefined && !/^0(s|ms)?$/.test(value);
}

async function get(url: string): Promise<string> {
  return textOf(await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }));
}

async function textOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answered ${answer.status} ${text.trim().slice(0, 200)}`);
  return text;
}

function urlsOf({ urls, url }: Table): string[] {
  const configured = [urls, url].flat().filter((word): word is string => typeof word === "string");
  return (configured.length > 0 ? configured : ["http://127.0.0.1:8086"]).map((word) => word.replace(/\/+$/, ""));
}
