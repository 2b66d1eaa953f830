import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { formatDocuments } from "../../../aggregator/outputs/csv.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { freePort } from "../../support/free-port.ts";
import { toRow } from "../../support/reading.ts";
import { until } from "../../support/until.ts";
import { startInfluxDb } from "../telegraf/influxdb.ts";
import { get, startServer } from "../telegraf/server.ts";
import { snippet } from "../telegraf/snippet.ts";
import { AGENT, feed, startTelegraf, workFolder } from "../telegraf/telegraf.ts";
import { startVictoriaMetrics } from "../telegraf/victoria-metrics.ts";

/** Addresses of databases that hold the same readings. */
export interface Databases {
  readonly victoriaMetrics: string;
  readonly prometheus: string;
  readonly influxDb: string;
}

/** Metrics of the viewer, as if scraped once a second before the last reading. */
export const PROGRAM_METRICS: readonly { readonly series: `bms_${string}`; readonly value: number }[] = [
  { series: 'bms_aggregator_output_waiting{output="unix:///run/telegraf/bms.sock"}', value: 17 },
  { series: "bms_aggregator_rejected_total", value: 2 },
  { series: "bms_feed_live", value: 1 },
  { series: 'bms_alerts{severity="alarm"}', value: 1 },
  { series: 'bms_alerts{severity="warning"}', value: 3 },
  { series: "bms_viewer_event_streams", value: 4 },
  { series: "bms_viewer_connections", value: 5 },
  { series: 'bms_frozen{meter="solar"}', value: 1 },
  { series: 'bms_stale{meter="house"}', value: 0 },
];

/** Rows that each output keeps: a week arrives in seconds. */
export const BUFFER_LIMIT = 1_000_000;
/** Twice at least, since growth needs two. */
const FIGURES_OF_TELEGRAF = "count_over_time(internal_write_metrics_written[1m]) > 5";

/** As docs/dashboards.md wants it for energy per month; and samples of the last 30 s are seen. */
const ARGS = ["-search.maxPointsPerTimeseries=600000", "-search.latencyOffset=0s"];

/** Readings in one piece. */
const PIECE = 50;

interface Filling {
  /** Arguments of VictoriaMetrics. */
  readonly args?: readonly string[];
  /** Databases in which every row must be before the test goes on. */
  readonly isAsked?: readonly ("victoriaMetrics" | "prometheus")[];
}

/** The three databases, filled with the rows of readings by one Telegraf. */
export async function fillDatabases(
  t: TestContext,
  readings: readonly Reading[],
  { args = [], isAsked = ["victoriaMetrics", "prometheus"] }: Filling = {},
): Promise<Databases> {
  const folder = workFolder();
  const [metrics, influx, prometheus] = await Promise.all([
    startVictoriaMetrics(t, { folder, args: [...ARGS, ...args] }),
    startInfluxDb(t, { folder }),
    startRemoteWritten(t, folder),
  ]);
  const socket = join(folder, "bms.sock");
  const replace = { "unix:///run/telegraf/bms.sock": `unix://${socket}` };
  const agent = AGENT.replace(
    "[agent]",
    `[agent]\n  interval = "1s"\n  metric_buffer_limit = ${BUFFER_LIMIT}\n  metric_batch_size = 5000`,
  );
  const start = (urls: readonly string[], uncomment: readonly string[] = []) =>
    startTelegraf(t, folder, agent + urls.map(influxOutput).join("") + snippet("battery.conf", { uncomment, replace }));
  const telegraf = await start([metrics.url, influx.url, prometheus.gateway]);
  // In pieces, since a document holds rows of one kind of device: Prometheus wants samples nearly in the order of time.
  const pieces = Array.from({ length: Math.ceil(readings.length / PIECE) }, (_, i) =>
    readings.slice(i * PIECE, (i + 1) * PIECE),
  );
  await feed(
    socket,
    pieces.flatMap((piece) => formatDocuments(piece.map(toRow))).map((text) => `${text}\0`),
  );
  await telegraf.stop();
  // Not to Prometheus, which would begin to compact the week, while it is asked, after samples of today.
  const reporting = await start([metrics.url, influx.url], ["Figures of Telegraf itself"]);
  await until("Telegraf's own figures are there", async () => {
    const body = new URLSearchParams({ query: FIGURES_OF_TELEGRAF, nocache: "1" });
    return (await get(`${metrics.url}/api/v1/query`, { method: "POST", body })).includes('"value"');
  });
  await reporting.stop();
  const databases = { victoriaMetrics: metrics.url, prometheus: prometheus.url, influxDb: influx.url };
  const lastMs = readings.at(-1)?.takenAt;
  if (lastMs === undefined) return databases;
  for (const url of [metrics.url, prometheus.gateway]) {
    const body = PROGRAM_METRICS.map(({ series, value }) => `${series} ${value} ${lastMs - 1000}`).join("\n");
    await get(`${url}/api/v1/import/prometheus`, { method: "POST", body });
  }
  // Both show what they have taken up to some seconds later.
  const last = String(lastMs / 1000);
  for (const url of isAsked.map((name) => databases[name])) {
    const isThere = async () => {
      const query = "count(last_over_time(battery_online[1s]))";
      const body = new URLSearchParams({ query, time: last, nocache: "1" });
      return (await get(`${url}/api/v1/query`, { method: "POST", body })).includes('"value"');
    };
    await until(`the last row is in ${url}`, isThere, 120_000);
  }
  return databases;
}

const influxOutput = (url: string) => `
[[outputs.influxdb]]
  urls = ["${url}"]
  database = "telegraf"
`;

/** A Prometheus that takes samples of the past, and the address at which it takes line protocol. */
async function startRemoteWritten(t: TestContext, folder: string) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const configuration = join(folder, "prometheus.yml");
  writeFileSync(configuration, JSON.stringify({ storage: { tsdb: { out_of_order_time_window: "30d" } } }));
  startServer(t, "prometheus", [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${join(folder, "prometheus")}`,
    `--web.listen-address=${new URL(url).host}`,
    "--web.enable-remote-write-receiver",
  ]);
  await until("Prometheus answers", () => get(`${url}/-/ready`));
  // Telegraf as it is built for these tests has no remote write; vmagent turns line protocol into it.
  const gateway = `http://127.0.0.1:${await freePort()}`;
  startServer(t, "vmagent", [
    `-httpListenAddr=${new URL(gateway).host}`,
    `-remoteWrite.url=${url}/api/v1/write`,
    `-remoteWrite.tmpDataPath=${join(folder, "vmagent")}`,
    "-remoteWrite.queues=1",
  ]);
  await until("vmagent answers", () => get(`${gateway}/health`));
  return { url, gateway };
}
