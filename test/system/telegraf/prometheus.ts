import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../support/until.ts";
import type { Point } from "./point.ts";
import { freePort, get, type Place, startServer } from "./server.ts";

export interface Prometheus {
  /** Every sample of the last hour whose name begins with `battery_`, as points with one field each and no types. */
  samples(): Promise<Point[]>;
}

/** A Prometheus that asks `target` every second. */
export async function startPrometheus(t: TestContext, place: Place, target: string): Promise<Prometheus> {
  const port = place.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const configuration = join(place.folder, "prometheus.yml");
  writeFileSync(
    configuration,
    JSON.stringify({
      scrape_configs: [{ job_name: "telegraf", scrape_interval: "1s", static_configs: [{ targets: [target] }] }],
    }),
  );
  startServer(t, "prometheus", [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(place.folder, "prometheus")}`,
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
