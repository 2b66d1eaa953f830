import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMetrics } from "../../../../viewer/web/metrics.ts";
import { AT, houseOf, meterOf } from "../../../support/house.ts";

const FIGURES = { eventStreams: 2, connections: 3 };
const lines = (...house: Parameters<typeof houseOf>) => formatMetrics(houseOf(...house), FIGURES).split("\n");
const series = (...house: Parameters<typeof houseOf>) =>
  lines(...house).filter((line) => line.startsWith("battery_") || /^bms_(stale|frozen|measured)/.test(line));

test("a live meter has its values, in the vocabulary's order and decimals", () => {
  assert.deepEqual(series([meterOf("house")]), [
    'battery_volts{meter="house"} 13.300',
    'battery_amps{meter="house"} -2.500',
    'battery_percent{meter="house"} 80.0',
    'battery_online{meter="house"} 1',
    'battery_polls{meter="house"} 12',
    `bms_measured_timestamp_seconds{meter="house"} ${(AT - 500) / 1000}`,
    'bms_stale{meter="house"} 0',
    'bms_frozen{meter="house"} 0',
  ]);
});

test("a meter of a site has both labels", () => {
  const labels = 'meter="house",site="shed"';
  const shown = series([meterOf("shed/house")]).filter((line) => !line.includes("polls"));
  assert.deepEqual(
    shown.map((line) => line.replace(/^[a-z_]+{(.*)}.*$/, "$1")),
    shown.map(() => labels),
  );
});

test("an offline meter has only online and the figures of its agent", () => {
  const { sample } = meterOf("house");
  assert.deepEqual(
    series([meterOf("house", { state: "offline", sample: { ...sample, online: 0, failures: 3 } })]).filter((line) =>
      line.startsWith("battery_"),
    ),
    ['battery_online{meter="house"} 0', 'battery_polls{meter="house"} 12', 'battery_failures{meter="house"} 3'],
  );
});

test("a stale meter has only online, which is 0", () => {
  assert.deepEqual(
    series([meterOf("house", { state: "stale" })]).filter((line) => line.startsWith("battery_")),
    ['battery_online{meter="house"} 0'],
  );
});

test("HELP and TYPE stand once, before all series of a metric", () => {
  const text = lines([meterOf("a"), meterOf("b")]);
  const at = text.indexOf("# HELP battery_amps current, positive while charging (A)");
  assert.deepEqual(text.slice(at, at + 4), [
    "# HELP battery_amps current, positive while charging (A)",
    "# TYPE battery_amps gauge",
    'battery_amps{meter="a"} -2.500',
    'battery_amps{meter="b"} -2.500',
  ]);
  assert.ok(text.includes("# TYPE battery_polls untyped"));
});

test("values of labels are escaped", () => {
  assert.ok(series([meterOf('a"b\\c\nd')]).includes('battery_volts{meter="a\\"b\\\\c\\nd"} 13.300'));
});

test("each host that delivers has its own series, without those that are not known", () => {
  const hosts = [
    { name: "local", meters: 2, readings: 5, lastAt: AT },
    { name: "shed", connections: 1, meters: 1, readings: 2, lastAt: AT, clockAheadMs: -6_500 },
    { name: "boat", connections: 0, meters: 0, readings: 0 },
  ];
  const aggregator = { state: "running", at: AT, readings: 7, outputs: [], rejected: 0, hosts } as const;
  const text = lines([], { health: { agents: [], aggregator } });
  assert.deepEqual(
    text.filter((line) => line.startsWith("bms_host_")),
    [
      'bms_host_connections{host="shed"} 1',
      'bms_host_connections{host="boat"} 0',
      'bms_host_meters{host="local"} 2',
      'bms_host_meters{host="shed"} 1',
      'bms_host_meters{host="boat"} 0',
      'bms_host_readings_total{host="local"} 5',
      'bms_host_readings_total{host="shed"} 2',
      'bms_host_readings_total{host="boat"} 0',
      `bms_host_last_message_timestamp_seconds{host="local"} ${AT / 1000}`,
      `bms_host_last_message_timestamp_seconds{host="shed"} ${AT / 1000}`,
      'bms_host_clock_ahead_seconds{host="shed"} -6.5',
    ],
  );
});

test("alerts that go on are counted by severity, the aggregator and its outputs are there if they are known", () => {
  const alert = { id: "1", rule: "charge-low", text: "low", severity: "warning", since: AT } as const;
  const outputs = [{ name: "/run/telegraf/bms.sock", state: "open", waiting: 4 }];
  const text = lines([], {
    alerts: [alert, { ...alert, id: "2", endedAt: AT }],
    health: { agents: [], aggregator: { state: "running", at: AT, readings: 7, outputs, rejected: 1 } },
  });
  for (const expected of [
    'bms_alerts{severity="alarm"} 0',
    'bms_alerts{severity="warning"} 1',
    "bms_aggregator_readings_total 7",
    "bms_aggregator_rejected_total 1",
    'bms_aggregator_output_waiting{output="/run/telegraf/bms.sock"} 4',
    "bms_feed_live 1",
    "bms_viewer_event_streams 2",
    "bms_viewer_connections 3",
  ]) {
    assert.ok(text.includes(expected), expected);
  }
  assert.ok(!lines([]).some((line) => line.includes("bms_aggregator")));
});
