import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { QUANTITIES, type Quantity } from "../../../common/model/quantities.ts";
import { fullName } from "../../../common/model/site.ts";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import { startInfluxDb } from "./influxdb.ts";
import { startMosquitto } from "./mosquitto.ts";
import { type Point, pointOfRow, sorted } from "./point.ts";
import { startPrometheus } from "./prometheus.ts";
import { edgeRows } from "./rows.ts";
import { without } from "./server.ts";
import { snippet } from "./snippet.ts";
import { AGENT, document, feed, fileOutput, pointsIn, startTelegraf, workFolder } from "./telegraf.ts";
import { startVictoriaMetrics } from "./victoria-metrics.ts";

const START = Date.parse("2026-03-01T00:00:00.123Z");
const ROWS = edgeRows(START);
const DOCUMENTS = ROWS.map((row) => document(row));
const POINTS = sorted(ROWS.map((row) => pointOfRow("battery", row)));

const SOCKET = "unix:///run/telegraf/bms.sock";

/** One point for each field, without types, as a database that stores only floats holds them. */
function untyped(points: readonly Point[]): Point[] {
  return sorted(
    points.flatMap((point) =>
      Object.entries(point.fields).map(([name, value]) => ({
        ...point,
        fields: { [name]: value.split(" ")[1] ?? "" },
      })),
    ),
  );
}

const sortedSamples = (points: readonly Point[]) => points.map((point) => JSON.stringify(point)).sort();

/** Starts a Telegraf with one section of battery.conf uncommented and an address in it replaced. */
async function startSection(t: TestContext, folder: string, heading: string, from: string, to: string) {
  const socket = join(folder, "bms.sock");
  const replace = { [SOCKET]: `unix://${socket}`, [from]: to };
  const configuration = AGENT + snippet("battery.conf", { uncomment: [heading], replace });
  const telegraf = await startTelegraf(t, folder, configuration, { env: { INFLUX_TOKEN: "a token" } });
  return { telegraf, socket };
}

test("battery.conf: every row arrives as it was sent, field by field, type by type, with its time", async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const out = join(folder, "out.lp");
  const telegraf = await startTelegraf(
    t,
    folder,
    AGENT + fileOutput(out) + snippet("battery.conf", { replace: { [SOCKET]: `unix://${socket}` } }),
  );
  await Promise.all([feed(socket, DOCUMENTS.slice(0, 3)), feed(socket, DOCUMENTS.slice(3))]);
  await telegraf.stop();
  assert.deepEqual(sorted(pointsIn(out)), POINTS);
});

test("section VictoriaMetrics", { skip: without("victoria-metrics") }, async (t) => {
  const folder = workFolder();
  const database = await startVictoriaMetrics(t, { folder });
  const { telegraf, socket } = await startSection(t, folder, "VictoriaMetrics", "http://127.0.0.1:8428", database.url);
  await feed(socket, [...DOCUMENTS, ...DOCUMENTS]);
  await telegraf.stop();
  const expected = sortedSamples(untyped(POINTS));
  assert.deepEqual(sortedSamples(await database.samplesWhenThere(expected.length)), expected);
});

test("section InfluxDB 1.x", { skip: without("influxd") }, async (t) => {
  const folder = workFolder();
  const database = await startInfluxDb(t, { folder });
  const { telegraf, socket } = await startSection(t, folder, "InfluxDB 1.x", "http://127.0.0.1:8086", database.url);
  await feed(socket, [...DOCUMENTS, ...DOCUMENTS]);
  await telegraf.stop();
  assert.deepEqual(sorted(await database.points("battery")), POINTS);
});

test("section InfluxDB 2.x, into VictoriaMetrics, which speaks its protocol", {
  skip: without("victoria-metrics"),
}, async (t) => {
  t.diagnostic("NOT SHOWN: InfluxDB 2 itself, which Debian does not have");
  const folder = workFolder();
  const database = await startVictoriaMetrics(t, { folder });
  const { telegraf, socket } = await startSection(t, folder, "InfluxDB 2.x", "http://127.0.0.1:8086", database.url);
  await feed(socket, DOCUMENTS);
  await telegraf.stop();
  const expected = sortedSamples(untyped(POINTS));
  assert.deepEqual(sortedSamples(await database.samplesWhenThere(expected.length)), expected);
});

test("section Prometheus: the newest row of each meter, with its time", { skip: without("prometheus") }, async (t) => {
  const folder = workFolder();
  const address = `127.0.0.1:${await freePort()}`;
  const { socket } = await startSection(t, folder, "Prometheus", "127.0.0.1:9273", address);
  // Prometheus refuses samples that are older than some hours.
  const rows = edgeRows(Date.now() - 60_000).filter(({ polls }) => polls === "1");
  await feed(
    socket,
    rows.map((row) => document(row)),
  );
  const database = await startPrometheus(t, { folder }, address);
  const expected = sortedSamples(untyped(rows.map((row) => pointOfRow("battery", row))));
  const stored = await until("all samples", async () => {
    const samples = await database.samples();
    return samples.length >= expected.length && samples;
  });
  assert.deepEqual(sortedSamples(stored), expected);
});

test("section Home Assistant over MQTT", { skip: without("mosquitto", "mosquitto_sub") }, async (t) => {
  t.diagnostic("NOT SHOWN: Home Assistant itself, which Debian does not have; its topics and messages are read");
  const folder = workFolder();
  const broker = await startMosquitto(t);
  const { socket } = await startSection(t, folder, "Home Assistant", "127.0.0.1:1883", broker.address);
  await feed(socket, DOCUMENTS);
  const newest = new Map<string, string>();
  for (const { meter, site, time: _, ...values } of ROWS) {
    const id = [site, meter?.replace(" ", "_")].filter(Boolean).join("_");
    for (const [name, text] of Object.entries(values)) {
      newest.set(`homeassistant/sensor/${id}/${name}`, String(Number(text)));
    }
  }
  const values = await until("all values", async () => {
    const values = await broker.retained("homeassistant/sensor/#");
    return values.size >= newest.size && values;
  });
  assert.deepEqual([...values].sort(), [...newest].sort());

  const devices = await broker.retained("homeassistant/device/#");
  assert.deepEqual(
    [...devices.keys()].sort(),
    ["house", "shed_solar", "solar", "water_pump"].map((meter) => `homeassistant/device/bms_${meter}/config`),
  );
  for (const [topic, message] of devices) {
    const { device, components } = JSON.parse(message) as {
      device: { name: string };
      components: Record<string, { state_topic: string; unit_of_measurement?: string; unique_id: string }>;
    };
    const announced = ROWS.filter(
      (row) => fullName({ meter: "", ...row }) === device.name && Number(row.polls) % 60 === 1 && row.online === "1",
    );
    const { meter: _, site: __, time: ___, ...columns } = announced.at(-1) ?? {};
    assert.deepEqual(Object.keys(components).sort(), Object.keys(columns).sort(), topic);
    for (const [name, component] of Object.entries(components)) {
      assert.ok(values.has(component.state_topic), component.state_topic);
      assert.equal(component.unit_of_measurement ?? "", QUANTITIES[name as Quantity].unit, name);
    }
  }
});

test("the buffer on disk keeps rows through a kill while the database is away", {
  skip: without("influxd"),
}, async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const port = await freePort();
  const disk = join(folder, "buffer");
  const configuration = snippet("battery.conf", {
    uncomment: ["While the database is away", "InfluxDB 1.x"],
    replace: {
      [SOCKET]: `unix://${socket}`,
      "http://127.0.0.1:8086": `http://127.0.0.1:${port}`,
      "/var/lib/telegraf/buffer": disk,
      "[agent]\n": AGENT,
    },
  });
  const telegraf = await startTelegraf(t, folder, configuration);
  await feed(socket, DOCUMENTS);
  await telegraf.logged(/E! .*outputs\.influxdb/);
  await telegraf.stop("SIGKILL");
  assert.ok(existsSync(disk));
  const database = await startInfluxDb(t, { folder, port });
  const again = await startTelegraf(t, folder, configuration);
  await again.stop();
  assert.deepEqual(sorted(await database.points("battery")), POINTS);
});
