import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { formatDocuments } from "../../../aggregator/outputs/csv.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { toRow } from "../../support/reading.ts";
import { until } from "../../support/until.ts";
import { startInfluxDb } from "../telegraf/influxdb.ts";
import { freePort, get, startServer } from "../telegraf/server.ts";
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

/** Readings in one piece. */
const PIECE = 50;

/** The three databases, filled with the rows of readings by one Telegraf. */
export async function fillDatabases(t: TestContext, readings: readonly Reading[]): Promise<Databases> {
  const folder = workFolder();
  const [metrics, influx, prometheus] = await Promise.all([
    startVictoriaMetrics(t, { folder }),
    startInfluxDb(t, { folder }),
    startRemoteWritten(t, folder),
  ]);
  const socket = join(folder, "bms.sock");
  const listener = snippet("battery.conf", { replace: { "unix:///run/telegraf/bms.sock": `unix://${socket}` } });
  // metric_buffer_limit: a week arrives in seconds.
  const agent = AGENT.replace("[agent]", "[agent]\n  metric_buffer_limit = 1000000\n  metric_batch_size = 5000");
  const telegraf = await startTelegraf(
    t,
    folder,
    `${agent}${influxOutput(metrics.url)}${influxOutput(influx.url)}${influxOutput(prometheus.gateway)}${listener}`,
  );
  // In pieces, since a document holds rows of one kind of device: Prometheus wants samples nearly in the order of time.
  const pieces = Array.from({ length: Math.ceil(readings.length / PIECE) }, (_, i) =>
    readings.slice(i * PIECE, (i + 1) * PIECE),
  );
  await feed(
    socket,
    pieces.flatMap((piece) => formatDocuments(piece.map(toRow))).map((text) => `${text}\0`),
  );
  await telegraf.stop();
  const databases = { victoriaMetrics: metrics.url, prometheus: prometheus.url, influxDb: influx.url };
  const lastMs = readings.at(-1)?.takenAt;
  if (lastMs === undefined) return databases;
  for (const url of [metrics.url, prometheus.gateway]) {
    const body = PROGRAM_METRICS.map(({ series, value }) => `${series} ${value} ${lastMs - 1000}`).join("\n");
    await get(`${url}/api/v1/import/prometheus`, { method: "POST", body });
  }
  // Both show what they have taken up to some seconds later.
  const last = String(lastMs / 1000);
  for (const url of [metrics.url, prometheus.url]) {
    await until(`the last row is in ${url}`, async () => {
      const body = new URLSearchParams({
        query: "count(last_over_time(battery_online[1s]))",
        time: last,
        nocache: "1",
      });
      return (await get(`${url}/api/v1/query`, { method: "POST", body })).includes('"value"');
    });
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
