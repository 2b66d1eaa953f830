import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import type { Point } from "./point.ts";
import { get, type ServerLocation, startServer } from "./server.ts";

export interface Prometheus {
  /** All samples of the last hour whose name starts with `battery_`, as points with one field each and no types. */
  samples(): Promise<Point[]>;
}

/** Starts a Prometheus that scrapes `target` every second. */
export async function startPrometheus(t: TestContext, location: ServerLocation, target: string): Promise<Prometheus> {
  const port = location.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const configuration = join(location.folder, "prometheus.yml");
  writeFileSync(
    configuration,
    JSON.stringify({
      scrape_configs: [{ job_name: "telegraf", scrape_interval: "1s", static_configs: [{ targets: [target] }] }],
    }),
  );
  startServer(t, "prometheus", [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(location.folder, "prometheus")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await until("Prometheus answers", () => get(`${url}/-/ready`));
  return {
    async samples() {
      const query = new URLSearchParams({ query: '{__name__=~"battery_.*"}[1h]' });
      const { data } = JSON.parse(await get(`${url}/api/v1/query?${query}`)) as {
        data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
      };
      return data.result.flatMap(({ metric, values }) => {
        const { __name__: name = "", instance: _, job: __, ...tags } = metric;
        const [measurement = "", field = ""] = name.split("_");
        return values.map(([seconds, value]) => ({
          measurement,
          tags,
          time: Math.round(seconds * 1000),
          fields: { [field]: value },
        }));
      });
    },
  };
}
