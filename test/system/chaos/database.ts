import type { TestContext } from "node:test";
import { type Stored, storedOf } from "../../support/proof/stored.ts";
import { startInfluxDb } from "../telegraf/influxdb.ts";
import type { ServerLocation } from "../telegraf/server.ts";
import { startVictoriaMetrics } from "../telegraf/victoria-metrics.ts";

/** A real database, with the queries of the proof. */
export interface Database {
  readonly url: string;
  /** All rows of the measurement. */
  rows(): Promise<Stored[]>;
  /** Meters that have a row from one time to another, ms since the Unix epoch. */
  metersBetween(from: number, to: number): Promise<ReadonlySet<string>>;
  /** Rows stored more than once; undefined where the database cannot report it. */
  repeated(): Promise<number | undefined>;
  stop(): Promise<unknown>;
}

export const DATABASES = {
  "victoria-metrics": { section: "VictoriaMetrics", address: "http://127.0.0.1:8428", open: openVictoriaMetrics },
  influxd: { section: "InfluxDB 1.x", address: "http://127.0.0.1:8086", open: openInfluxDb },
} as const;

async function openVictoriaMetrics(t: TestContext, location: ServerLocation): Promise<Database> {
  const server = await startVictoriaMetrics(t, location);
  return {
    ...server,
    rows: async () => storedOf(await server.samples()),
    async metersBetween(from, to) {
      const samples = await server.samples({ field: "battery_polls", fromMs: from });
      return new Set(samples.filter(({ time }) => time <= to).map(({ tags }) => tags.meter ?? ""));
    },
    async repeated() {
      const [raw, once] = await Promise.all(
        [true, false].map((isRaw) => server.samples({ field: "battery_polls", isRaw })),
      );
      return (raw?.length ?? 0) - (once?.length ?? 0);
    },
  };
}

async function openInfluxDb(t: TestContext, location: ServerLocation): Promise<Database> {
  const server = await startInfluxDb(t, location);
  return {
    ...server,
    rows: async () => storedOf(await server.points("battery")),
    async metersBetween(from, to) {
      const points = await server.points("battery", `time >= ${from}ms AND time <= ${to}ms`);
      return new Set(points.map(({ tags }) => tags.meter ?? ""));
    },
    repeated: async () => undefined,
  };
}
