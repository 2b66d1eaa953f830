import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readConfiguration } from "../../../aggregator/check/configuration.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { createMarker, followMarker, sendMarker } from "../../../control/doctor/marker.ts";
import { planOf } from "../../../control/doctor/telegraf.ts";
import { startInfluxDb } from "./influxdb.ts";
import { freePort, without } from "./server.ts";
import { snippet } from "./snippet.ts";
import { AGENT, startTelegraf, workFolder } from "./telegraf.ts";
import { startVictoriaMetrics } from "./victoria-metrics.ts";

/** What the doctor finds in the databases of a Telegraf with this output, read from its configuration. */
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
  const marker = createMarker("battery", Date.now());
  await sendMarker(marker, socket);
  const [database] = databases;
  assert.ok(database);
  const finding = await followMarker(marker, database, systemClock);
  return { finding, complaint: finding.verdict === "ok" ? await database.complaint() : undefined };
}

const influxdb = (url: string) => `[[outputs.influxdb]]\n  urls = ["${url}"]\n  database = "telegraf"\n`;

test("the doctor's marker arrives in VictoriaMetrics", { skip: without("victoria-metrics") }, async (t) => {
  const folder = workFolder();
  const { url } = await startVictoriaMetrics(t, { folder });
  const { finding, complaint } = await follow(t, folder, `${influxdb(url)}  skip_database_creation = true\n`);
  assert.match(`${finding.verdict} ${finding.text}`, /^ok what Telegraf takes stands in http:/);
  assert.equal(complaint, undefined);
});

test("the doctor's marker arrives in InfluxDB 1.x", { skip: without("influxd") }, async (t) => {
  const folder = workFolder();
  const { url } = await startInfluxDb(t, { folder });
  const { finding } = await follow(t, folder, influxdb(url));
  assert.match(`${finding.verdict} ${finding.text}`, /^ok what Telegraf takes stands in http:/);
});

test("a database that is away is told", async (t) => {
  const folder = workFolder();
  const url = `http://127.0.0.1:${await freePort()}`;
  const { finding } = await follow(t, folder, `${influxdb(url)}  skip_database_creation = true\n`);
  assert.match(
    `${finding.verdict} ${finding.text}`,
    /^wrong http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)/,
  );
});
