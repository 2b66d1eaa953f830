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
    ...tables(outputs.influxdb).flatMap((table) => serversOf(table).map((server) => influxdb1(server, table))),
    ...tables(outputs.influxdb_v2).flatMap((table) => serversOf(table).map((server) => influxdb2(server, table))),
  ];
}

/** A server that Telegraf writes to. A password is sent in a header, never in a URL, which servers log. */
interface Server {
  /** Without user and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

function influxdb1({ url, headers }: Server, { database = "telegraf" }: Table): Database {
  let metrics: Promise<string | undefined> | undefined;
  /** The metrics of VictoriaMetrics; undefined if it is another database. */
  const victoria = () => {
    metrics ??= fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(ANSWER_MS) })
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
        return (await get(`${url}/api/v1/export?${query}`, headers)).includes(String(time));
      }
      const q = `SELECT "${field}" FROM "${measurement}" WHERE "meter" = '${meter}' AND time = ${time}ms`;
      const query = new URLSearchParams({ db: String(database), epoch: "ms", q });
      return (await get(`${url}/query?${query}`, headers)).includes(String(time));
    },
    async misconfiguration() {
      const text = await victoria();
      if (text === undefined || hasDedup(text)) return undefined;
      return "start VictoriaMetrics with -dedup.minScrapeInterval=1ms";
    },
  };
}

function influxdb2({ url }: Server, { organization, bucket, token }: Table): Database {
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

async function get(url: string, headers: Server["headers"]): Promise<string> {
  return textOf(await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) }));
}

async function textOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`it answered ${answer.status} ${text.trim().slice(0, 200)}`);
  return text;
}

/** Every server of an output, with the login of the table or else of its own URL. */
function serversOf({ urls, url, username, password }: Table): Server[] {
  const configured = [urls, url].flat().filter((word): word is string => typeof word === "string");
  return (configured.length > 0 ? configured : ["http://127.0.0.1:8086"]).map((word) => {
    const own = splitLogin(word);
    const login = typeof username === "string" ? `${username}:${password ?? ""}` : own.login;
    const headers: Server["headers"] = login ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : {};
    return { url: own.url.replace(/\/+$/, ""), headers };
  });
}

/** A URL without its `user:password`, and these. */
function splitLogin(text: string): { readonly url: string; readonly login: string } {
  const [, scheme = "", login = "", rest = text] = /^([a-z][a-z\d+.-]*:\/\/)(?:([^/]*)@)?(.*)$/i.exec(text) ?? [];
  return { url: `${scheme}${rest}`, login: decoded(login) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
