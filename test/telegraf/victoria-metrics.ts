import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Point } from "./point.ts";
import { freePort, get, type Place, startServer } from "./server.ts";
import { until } from "./until.ts";

export interface VictoriaMetrics {
  readonly url: string;
  /** Every stored sample, as points with one field each and no types (it stores floats only), without the label `db`. */
  samples(): Promise<Point[]>;
  stop(): Promise<unknown>;
}

export async function startVictoriaMetrics(t: TestContext, place: Place): Promise<VictoriaMetrics> {
  const port = place.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(t, "victoria-metrics", [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(place.folder, "victoria-metrics")}`,
    "-dedup.minScrapeInterval=1ms",
    "-retentionPeriod=100y",
  ]);
  await until("VictoriaMetrics answers", () => get(`${url}/health`));
  return {
    url,
    stop: () => server.stop("SIGTERM"),
    async samples() {
      await get(`${url}/internal/force_flush`);
      const text = await get(`${url}/api/v1/export?match[]=${encodeURIComponent('{__name__!=""}')}&start=0`);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .flatMap((line) => {
          const { metric, values, timestamps } = JSON.parse(line) as {
            metric: Record<string, string>;
            values: number[];
            timestamps: number[];
          };
          const { __name__: name = "", db: _, ...tags } = metric;
          const [measurement = "", field = ""] = name.split("_");
          return values.map((value, i) => ({
            measurement,
            tags,
            time: timestamps[i] ?? 0,
            fields: { [field]: String(value) },
          }));
        });
    },
  };
}
