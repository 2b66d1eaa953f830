import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readConfiguration } from "../../../aggregator/check/configuration.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { createProbeRow, sendProbeRow } from "../../../control/doctor/probe-row.ts";
import { checkArrival, planOf } from "../../../control/doctor/telegraf.ts";
import { freePort } from "../../support/free-port.ts";
import { startInfluxDb } from "./influxdb.ts";
import { without } from "./server.ts";
import { snippet } from "./snippet.ts";
import { AGENT, startTelegraf, workFolder } from "./telegraf.ts";
import { startVictoriaMetrics } from "./victoria-metrics.ts";

/** The finding of the doctor about the database of a Telegraf with this output. */
async function follow(t: TestContext, folder: string, output: string) {
  const socket = join(folder, "bms.sock");
  const listener = snippet("battery.conf", { replace: { "/run/telegraf/bms.sock": socket } });
  const configuration = `${AGENT}${listener}\n${output}`;
  const file = join(folder, "configuration.conf");
  writeFileSync(file, configuration);
  await startTelegraf(t, folder, configuration);
  const { files } = await readConfiguration([file]);
  const { measurement, databases } = planOf(files, socket);
  assert.equal(measurement, "battery");
  const row = createProbeRow("battery", Date.now());
  await sendProbeRow(row, socket);
  const [database] = databases;
  assert.ok(database);
  const finding = await checkArrival(row, database, systemClock);
  return { finding, remedy: finding.verdict === "ok" ? await database.misconfiguration() : undefined };
}

const influxdb = (url: string) => `[[outputs.influxdb]]\n  urls = ["${url}"]\n  database = "telegraf"\n`;

test("the doctor's probe row arrives in VictoriaMetrics", { skip: without("victoria-metrics") }, async (t) => {
  const folder = workFolder();
  const { url } = await startVictoriaMetrics(t, { folder });
  const { finding, remedy } = await follow(t, folder, `${influxdb(url)}  skip_database_creation = true\n`);
  assert.match(`${finding.verdict} ${finding.message}`, /^ok a probe row arrived in http:/);
  assert.equal(remedy, undefined);
});

test("the doctor's probe row arrives in InfluxDB 1.x", { skip: without("influxd") }, async (t) => {
  const folder = workFolder();
  const { url } = await startInfluxDb(t, { folder });
  const { finding } = await follow(t, folder, influxdb(url));
  assert.match(`${finding.verdict} ${finding.message}`, /^ok a probe row arrived in http:/);
});

test("a database that is away is reported", async (t) => {
  const folder = workFolder();
  const url = `http://127.0.0.1:${await freePort()}`;
  const { finding } = await follow(t, folder, `${influxdb(url)}  skip_database_creation = true\n`);
  assert.match(
    `${finding.verdict} ${finding.message}`,
    /^wrong http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)/,
  );
});
