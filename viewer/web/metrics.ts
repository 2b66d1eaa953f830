import { formatQuantity, QUANTITIES, QUANTITY_NAMES, type Quantity } from "../../common/model/quantities.ts";
import { placeOf } from "../../common/model/site.ts";
import type { HostHealth, HouseView, MeterView } from "../model/views.ts";

/** Metrics that the viewer reports about itself. */
export interface ViewerFigures {
  readonly eventStreams: number;
  readonly connections: number;
}

/** Content type of Prometheus' text format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Quantities that only rise until their source restarts. Their names have no `_total`, because they are those that Telegraf
 * gives them, and Prometheus calls no other name a counter; `rate()` works with any type.
 */
const COUNTERS: ReadonlySet<Quantity> = new Set([
  "cycles",
  "uptime",
  "polls",
  "failures",
  "torn",
  "reconnects",
  "dropped",
]);

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter" | "untyped";
  readonly help: string;
  readonly series: readonly Series[];
}

/** The house in Prometheus' text format. A metric without series is left out. */
export function formatMetrics(house: HouseView, viewer: ViewerFigures): string {
  const metrics = [...QUANTITY_NAMES.map((name) => quantityMetric(name, house.meters)), ...ownMetrics(house, viewer)];
  return metrics
    .filter(({ series }) => series.length > 0)
    .map(formatMetric)
    .join("");
}

function quantityMetric(name: Quantity, meters: readonly MeterView[]): Metric {
  const { about, unit } = QUANTITIES[name];
  return {
    name: `battery_${name}`,
    type: COUNTERS.has(name) ? "untyped" : "gauge",
    help: unit === "" ? about : `${about} (${unit})`,
    series: meters.flatMap((meter) => {
      const value = currentValue(meter, name);
      return value === undefined ? [] : [{ labels: labelsOf(meter), value: formatQuantity(name, value) }];
    }),
  };
}

/**
 * A value that describes the present. While the device does not answer these are the agent's own figures, and `online` is 0.
 * While nothing comes from the agent, only `online` remains.
 */
function currentValue({ state, sample }: MeterView, name: Quantity): number | undefined {
  if (name === "online" && state !== "live") return 0;
  if (state === "live" || (state === "offline" && QUANTITIES[name].group === "agent")) return sample[name];
  return undefined;
}

/** The labels that Telegraf's tags become. */
const labelsOf = (view: MeterView): Series["labels"] => {
  const { site, meter } = placeOf(view.meter);
  return site === undefined ? { meter } : { meter, site };
};
const number = (value: number): Series => ({ labels: {}, value: String(value) });
const flag = (isTrue: boolean): Series => number(isTrue ? 1 : 0);
const seconds = (ms: number) => String(ms / 1000);

function ownMetrics({ feed, meters, health, alerts }: HouseView, viewer: ViewerFigures): Metric[] {
  const { aggregator } = health;
  const active = alerts.filter(({ endedAt }) => endedAt === undefined);
  return [
    {
      name: "bms_measured_timestamp_seconds",
      type: "gauge",
      help: "time of the newest measurement",
      series: meters.flatMap((meter) =>
        meter.measuredAt === undefined ? [] : [{ labels: labelsOf(meter), value: seconds(meter.measuredAt) }],
      ),
    },
    {
      name: "bms_stale",
      type: "gauge",
      help: "1 while nothing comes from the agent of a meter",
      series: meters.map((meter) => ({ labels: labelsOf(meter), value: meter.state === "stale" ? "1" : "0" })),
    },
    {
      name: "bms_frozen",
      type: "gauge",
      help: "1 while the measured values have not changed for long although current flows",
      series: meters.map((meter) => ({ labels: labelsOf(meter), value: meter.frozenSince ? "1" : "0" })),
    },
    {
      name: "bms_alerts",
      type: "gauge",
      help: "alerts that go on",
      series: (["alarm", "warning"] as const).map((severity) => ({
        labels: { severity },
        value: String(active.filter((alert) => alert.severity === severity).length),
      })),
    },
    { name: "bms_feed_live", type: "gauge", help: "1 while readings arrive", series: [flag(feed.state === "live")] },
    {
      name: "bms_aggregator_readings_total",
      type: "counter",
      help: "new readings that the aggregator has received since it started",
      series: aggregator ? [number(aggregator.readings)] : [],
    },
    {
      name: "bms_aggregator_rejected_total",
      type: "counter",
      help: "messages that the aggregator has rejected since it started",
      series: aggregator ? [number(aggregator.rejected)] : [],
    },
    {
      name: "bms_aggregator_output_waiting",
      type: "gauge",
      help: "readings that wait for an output of the aggregator",
      series: (aggregator?.outputs ?? []).map(({ name, waiting }) => ({
        labels: { output: name },
        value: String(waiting),
      })),
    },
    ...hostMetrics(aggregator?.hosts ?? []),
    {
      name: "bms_viewer_event_streams",
      type: "gauge",
      help: "open pages",
      series: [number(viewer.eventStreams)],
    },
    {
      name: "bms_viewer_connections",
      type: "gauge",
      help: "connections to the viewer, this one included",
      series: [number(viewer.connections)],
    },
  ];
}

/** Deliveries of each host to the aggregator. */
function hostMetrics(hosts: readonly HostHealth[]): Metric[] {
  const seriesOf = (read: (host: HostHealth) => string | undefined) =>
    hosts.flatMap((host) => {
      const value = read(host);
      return value === undefined ? [] : [{ labels: { host: host.name }, value }];
    });
  const secondsOf = (ms: number | undefined) => (ms === undefined ? undefined : seconds(ms));
  return [
    {
      name: "bms_host_connections",
      type: "gauge",
      help: "connections of a host to the aggregator over the network",
      series: seriesOf(({ connections }) => connections?.toString()),
    },
    {
      name: "bms_host_meters",
      type: "gauge",
      help: "meters that belong to a host",
      series: seriesOf(({ meters }) => String(meters)),
    },
    {
      name: "bms_host_readings_total",
      type: "counter",
      help: "new readings that the aggregator has received from a host since it started",
      series: seriesOf(({ readings }) => String(readings)),
    },
    {
      name: "bms_host_last_message_timestamp_seconds",
      type: "gauge",
      help: "time of the latest message of a host",
      series: seriesOf(({ lastAt }) => secondsOf(lastAt)),
    },
    {
      name: "bms_host_clock_ahead_seconds",
      type: "gauge",
      help: "how far the clock of a host is ahead of the aggregator's; negative behind; absent while they agree within 5 s",
      series: seriesOf(({ clockAheadMs }) => secondsOf(clockAheadMs)),
    },
  ];
}

function formatMetric({ name, type, help, series }: Metric): string {
  const lines = series.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}\n`);
  return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: Series["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value).replaceAll('"', '\\"')}"`);
  return pairs.length > 0 ? `{${pairs.join()}}` : "";
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
