import { join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import type { Point } from "./point.ts";
import { get, type ServerLocation, startServer } from "./server.ts";

export interface VictoriaMetrics {
  readonly url: string;
  /** Stored samples, as points with one field each and no types (it stores floats only), without the label `db`. */
  samples(filter?: SampleFilter): Promise<Point[]>;
  /** All samples, once there are `count`: new samples appear up to one second after they were written, even after a flush. */
  samplesWhenThere(count: number): Promise<Point[]>;
  stop(): Promise<unknown>;
}

/** Selects samples; all where nothing is given. */
export interface SampleFilter {
  /** Name of the metric, with the measurement. */
  readonly field?: string;
  readonly fromMs?: number;
  /** Returns a sample once for each time it was received, as far as these are still stored. */
  readonly isRaw?: boolean;
}

export async function startVictoriaMetrics(t: TestContext, location: ServerLocation): Promise<VictoriaMetrics> {
  const port = location.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(t, "victoria-metrics", [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(location.folder, "victoria-metrics")}`,
    "-dedup.minScrapeInterval=1ms",
    "-retentionPeriod=100y",
    ...(location.args ?? []),
  ]);
  await until("VictoriaMetrics answers", () => get(`${url}/health`));
  const database: VictoriaMetrics = {
    url,
    stop: () => server.stop("SIGTERM"),
    samplesWhenThere: (count) =>
      until(`${count} samples`, async () => {
        const samples = await database.samples();
        return samples.length >= count && samples;
      }),
    async samples({ field, fromMs = 0, isRaw = false } = {}) {
      await get(`${url}/internal/force_flush`);
      const query = new URLSearchParams({
        "match[]": field ?? '{__name__!=""}',
        start: String(fromMs / 1000),
        ...(isRaw && { reduce_mem_usage: "1" }),
      });
      const text = await get(`${url}/api/v1/export?${query}`);
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
  return database;
}
