import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import type { Point } from "./point.ts";
import { get, type ServerLocation, startServer } from "./server.ts";

export interface InfluxDb {
  readonly url: string;
  /** Writes line protocol with times in ms. */
  write(lines: string): Promise<void>;
  /** Rows of a measurement that meet a condition, with InfluxDB's types of its columns. */
  points(measurement: string, where?: string): Promise<Point[]>;
  /** Points of a measurement that have a field. */
  count(measurement: string, field: string): Promise<number>;
  tagValues(measurement: string, tag: string): Promise<readonly string[]>;
  stop(): Promise<unknown>;
  kill(): Promise<unknown>;
}

interface InfluxAnswer {
  readonly results: readonly {
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly unknown[])[];
    }[];
  }[];
}

export async function startInfluxDb(t: TestContext, location: ServerLocation): Promise<InfluxDb> {
  const port = location.port ?? (await freePort());
  const rpcPort = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = join(location.folder, "influxdb");
  mkdirSync(folder, { recursive: true });
  const server = startServer(t, "influxd", ["run", "-config", ""], {
    INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpcPort}`,
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
    INFLUXDB_META_DIR: join(folder, "meta"),
    INFLUXDB_DATA_DIR: join(folder, "data"),
    INFLUXDB_DATA_WAL_DIR: join(folder, "wal"),
    INFLUXDB_MONITOR_STORE_ENABLED: "false",
    INFLUXDB_REPORTING_DISABLED: "true",
  });
  await until("InfluxDB answers", async () => {
    await get(`${url}/ping`);
    return true;
  });
  const query = async (text: string) =>
    JSON.parse(
      await get(`${url}/query?db=telegraf&epoch=ms`, { method: "POST", body: new URLSearchParams({ q: text }) }),
    ) as InfluxAnswer;
  return {
    url,
    stop: () => server.stop("SIGTERM"),
    kill: () => server.stop("SIGKILL"),
    async write(lines) {
      await query("CREATE DATABASE telegraf");
      await get(`${url}/write?db=telegraf&precision=ms`, { method: "POST", body: lines });
    },
    async count(measurement, field) {
      const { results } = await query(`SELECT COUNT("${field}") FROM "${measurement}"`);
      return Number(results[0]?.series?.[0]?.values[0]?.[1] ?? 0);
    },
    async tagValues(measurement, tag) {
      const { results } = await query(`SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"`);
      return (results[0]?.series?.[0]?.values ?? []).map(([, value]) => String(value));
    },
    async points(measurement, where) {
      const rows = await query(`SELECT * FROM "${measurement}" ${where ? `WHERE ${where} ` : ""}GROUP BY *`);
      const keys = await query(`SHOW FIELD KEYS FROM "${measurement}"`);
      const types = new Map((keys.results[0]?.series?.[0]?.values ?? []) as [string, string][]);
      return (rows.results[0]?.series ?? []).flatMap(({ tags = {}, columns, values }) =>
        values.map((cells) => {
          const [[, time] = [], ...fields] = columns.map((column, i) => [column, cells[i]] as const);
          return {
            measurement,
            // A row without a tag that others have.
            tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== "")),
            time: Number(time),
            fields: Object.fromEntries(
              fields
                .filter(([, value]) => value !== null)
                .map(([name, value]) => [name, influxValue(types.get(name), value)]),
            ),
          };
        }),
      );
    },
  };
}

function influxValue(type: string | undefined, value: unknown): string {
  if (type === "string") return `string ${JSON.stringify(value)}`;
  return `${type === "integer" ? "int" : type} ${value}`;
}
