import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isQuantity, QUANTITIES } from "../../../common/model/quantities.ts";
import { connectSimulator } from "../../../simulator/control-client.ts";
import type { Row } from "../../../simulator/csv-rows.ts";
import { createSystem, deviceColumns, expectedRows, type System } from "../../integration/system.ts";
import { until } from "../../support/until.ts";
import { startInfluxDb } from "./influxdb.ts";
import { type Point, pointOfRow, sorted } from "./point.ts";
import { without } from "./server.ts";
import { snippet } from "./snippet.ts";
import { AGENT, fileOutput, pointsIn, startTelegraf, workFolder } from "./telegraf.ts";
import { startVictoriaMetrics } from "./victoria-metrics.ts";

/** The devices of a house that tgalarneau/bms monitors, and a pack of 32 cells. */
const HOUSE = {
  bms: { address: "A4:C1:37:00:00:03", kind: "jbd16" },
  solar: { address: "C0:00:00:00:00:01", kind: "v1" },
  inverter: { address: "C0:00:00:00:00:02", kind: "v2" },
  cabin: { address: "A4:C1:37:00:00:05", kind: "jbd32" },
} as const;
const METERS = Object.keys(HOUSE) as (keyof typeof HOUSE)[];
const POLLS = 60;
const ADDRESS = "unix:///run/telegraf/bms.sock";

/** Starts the programs of the house. Its readings go to stdout and to the socket. */
async function startHouse(t: TestContext, socket: string) {
  const house = createSystem(t);
  const devices = METERS.flatMap((meter) => ["--device", `${HOUSE[meter].address}=${HOUSE[meter].kind}`]);
  await house.startSimulator(...devices, "--latency", "10");
  const aggregator = await house.startAggregator("--output", "-", "--output", `unix://${socket}`);
  const agents = METERS.map((meter) => house.startAgent(meter, HOUSE[meter].address, "--interval", "0.25"));
  const simulator = await connectSimulator(house.simulatorSocket);
  t.after(() => simulator.close());
  return {
    house,
    simulator,
    /** Stops the programs in the order in which no reading is lost. */
    async end() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await aggregator.stop();
    },
  };
}

/** Number of answered polls of a meter. A row that is sent twice is printed twice and counts once. */
const polls = (house: System, meter: string) => new Set(house.measured(meter).map(({ time }) => time)).size;
const polled = (house: System, count: number) => METERS.every((meter) => polls(house, meter) >= count);

/** Each reading once. Readings that were sent twice must be equal. */
function once(points: readonly Point[]): Point[] {
  const byMoment = new Map<string, Point>();
  for (const point of sorted(points)) {
    const key = `${point.tags.meter} ${point.time}`;
    assert.deepEqual(byMoment.get(key) ?? point, point);
    byMoment.set(key, point);
  }
  return [...byMoment.values()];
}

/** Asserts that the rows cover the cases below, and that every answer of a battery became a row. */
function assertCovered(house: System) {
  const rows = house.rows();
  const some = (is: (row: Row) => boolean) => assert.ok(rows.some(is), is.toString());
  some((row) => row.online === "0" && row.volts === undefined);
  some((row) => row.meter === "cabin" && row.cot === "1");
  some((row) => row.meter === "cabin" && row.cot === "0");
  some((row) => row.cell32 !== undefined && row.c32 !== undefined);
  some((row) => Number(row.amps) < 0);
  some((row) => row.kwh === undefined);
  some((row) => row.protect === "0");
  for (const meter of METERS) {
    const expected = expectedRows(house.answers(), HOUSE[meter].address);
    assert.deepEqual(house.measured(meter).map(deviceColumns), expected, meter);
  }
}

/** Asserts that every field has the type of its quantity. */
function assertTypes(points: readonly Point[]) {
  for (const { fields } of points) {
    for (const [name, value] of Object.entries(fields)) {
      assert.equal(isQuantity(name) && QUANTITIES[name].kind, value.split(" ")[0], name);
    }
  }
}

test("the house through Telegraf into a file and two databases", {
  skip: without("victoria-metrics", "influxd"),
  timeout: 120_000,
}, async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const out = join(folder, "out.lp");
  const [victoriaMetrics, influxDb] = await Promise.all([
    startVictoriaMetrics(t, { folder }),
    startInfluxDb(t, { folder }),
  ]);
  const configuration = snippet("battery.conf", {
    uncomment: ["VictoriaMetrics", "InfluxDB 1.x"],
    replace: {
      [ADDRESS]: `unix://${socket}`,
      "http://127.0.0.1:8428": victoriaMetrics.url,
      "http://127.0.0.1:8086": influxDb.url,
    },
  });
  const telegraf = await startTelegraf(t, folder, AGENT + fileOutput(out) + configuration);
  const { house, simulator, end } = await startHouse(t, socket);
  await until("10 polls each", async () => polled(house, 10));
  await simulator.alarm(HOUSE.cabin.address, "cot", true);
  await simulator.set(HOUSE.solar.address, "out-of-range");
  await until("an outage", async () => house.rows("solar").filter(({ online }) => online === "0").length >= 3);
  await simulator.clear(HOUSE.solar.address);
  await simulator.alarm(HOUSE.cabin.address, "cot", false);
  await until(`${POLLS} polls each`, async () => polled(house, POLLS), 90_000);
  await end();
  await telegraf.stop();

  assertCovered(house);
  const readings = once(house.rows().map((row) => pointOfRow("battery", row)));
  await t.test("outputs.file: field by field, type by type, time by time", () => {
    const written = once(pointsIn(out));
    assertTypes(written);
    assert.deepEqual(written, readings);
  });
  await t.test("InfluxDB: the same numbers, types, times and counts", async () => {
    assert.deepEqual(sorted(await influxDb.points("battery")), readings);
  });
  await t.test("VictoriaMetrics: the same numbers, times and counts", async () => {
    const text = (points: readonly Point[]) => points.map((point) => JSON.stringify(point)).sort();
    const samples = readings.flatMap((point) =>
      Object.entries(point.fields).map(([name, value]) => ({
        ...point,
        fields: { [name]: value.split(" ")[1] ?? "" },
      })),
    );
    assert.deepEqual(text(await victoriaMetrics.samplesWhenThere(samples.length)), text(samples));
  });
  t.diagnostic(
    `${readings.length} readings of ${METERS.length} meters, each with its fields, types and time in all three`,
  );
});

test("Telegraf is stopped, restarted and reconfigured: every reading arrives", {
  timeout: 120_000,
}, async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const outs = ["before.lp", "after.lp", "reloaded.lp"].map((name) => join(folder, name));
  const configuration = (out: string) =>
    AGENT + fileOutput(out) + snippet("battery.conf", { replace: { [ADDRESS]: `unix://${socket}` } });
  const [before = "", after = "", reloaded = ""] = outs;
  const written = () => outs.filter((out) => existsSync(out)).flatMap((out) => pointsIn(out));

  const first = await startTelegraf(t, folder, configuration(before));
  const { house, end } = await startHouse(t, socket);
  await until("10 polls with the first Telegraf", async () => polled(house, 10));
  await first.stop();
  await until("10 polls without a Telegraf", async () => polled(house, 20));

  const second = await startTelegraf(t, folder, configuration(after));
  await until("10 polls with the second Telegraf", async () => polled(house, 30));

  writeFileSync(join(folder, "telegraf.conf"), configuration(reloaded).replace('"0660"', '"0666"'));
  second.process.kill("SIGHUP");
  await until("the reconfigured Telegraf writes", async () => pointsIn(reloaded).length > 0);
  await until("10 polls with the reconfigured Telegraf", async () => polled(house, 40));
  await end();
  await second.stop();

  const readings = once(house.rows().map((row) => pointOfRow("battery", row)));
  assert.deepEqual(once(written()), readings);
  for (const meter of METERS) {
    assert.equal(polls(house, meter), expectedRows(house.answers(), HOUSE[meter].address).length, meter);
  }
  t.diagnostic(`${readings.length} readings, all written; ${written().length - readings.length} of them twice`);
});
