import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Program, startProcess } from "../../../../simulator/program.ts";
import { memoryOf, usageOf } from "../../../bench/measure/process.ts";
import { freePort } from "../../../support/free-port.ts";
import { until } from "../../../support/until.ts";
import { startInfluxDb } from "../../telegraf/influxdb.ts";
import { without } from "../../telegraf/server.ts";
import { TELEGRAF, workFolder } from "../../telegraf/telegraf.ts";
import { adapted } from "../adapted.ts";
import { makeCertificates } from "../certificates.ts";
import { withSources, withUsers } from "../many.ts";
import { connectNats } from "../nats-client.ts";

const NAMES = Array.from({ length: 100 }, (_, i) => `site${i + 1}`);
const PACKS = 10;
const PERIOD_MS = 10_000;
const PERIODS = 6;
/** Rows of each pack that a site pours in at once. */
const BACKLOG = 30;
const ROW_FIELDS = Array.from({ length: 60 }, (_, i) => `f${i}=${3300 + i}.5`).join();
const ROOT = join(import.meta.dirname, "../../../..");

test("100 sites of 10 packs, a row in 10 s, then a backlog, then all of it from the hub alone", {
  skip: without("influxd"),
}, async (t) => {
  const nats = process.env.TEST_NATS_SERVER ?? "nats-server";
  const folder = workFolder();
  makeCertificates(folder);
  const [hubPort, linkPort] = [await freePort(), await freePort()];
  const database = await startInfluxDb(t, { folder });
  await database.write("ready yes=1");
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const start = (command: string, args: readonly string[], env = {}): Program => {
    const program = startProcess(command, args, { env });
    t.after(() => program.stop("SIGKILL"));
    return program;
  };
  const passwords = { CENTRE_PASSWORD: "centre-secret", SHED_PASSWORD: "shed-secret" };
  const hubFile = adapted("nats/centre.conf", {
    "127.0.0.1:4222": `127.0.0.1:${hubPort}`,
    "/var/lib/nats": join(folder, "hub"),
    "0.0.0.0:7422": `127.0.0.1:${linkPort}`,
    "hub.example:7422": `localhost:${linkPort}`,
    "/etc/nats": folder,
  });
  const hub = start(nats, ["-c", put("hub.nats", withUsers(hubFile, NAMES))], passwords);

  const sites = await Promise.all(
    NAMES.map(async (name) => {
      const port = await freePort();
      const file = adapted("nats/site.conf", {
        "127.0.0.1:4222": `127.0.0.1:${port}`,
        "/var/lib/nats": join(folder, name),
        "/etc/nats": folder,
        shed: name,
      });
      const env = { HUB_URL: `tls://${name}:${passwords.SHED_PASSWORD}@localhost:${linkPort}` };
      const server = start(nats, ["-c", put(`${name}.nats`, file)], env);
      const client = await until(`${name} listens`, () => connectNats(t, port), 120_000);
      const stream = { name: "readings", subjects: [`battery.${name}`], storage: "file", compression: "s2" };
      const created = await client.request("$JS.API.STREAM.CREATE.readings", JSON.stringify(stream));
      assert.ok(!created.includes('"error"'), created);
      await until(
        `${name} is linked`,
        () => server.stderr.some((line) => line.includes("JetStream using domains")),
        120_000,
      );
      return { name, server, client };
    }),
  );
  const streamFile = put("readings.json", withSources(NAMES));
  const cli = process.env.TEST_NATS ?? "nats";
  const url = `nats://centre:${passwords.CENTRE_PASSWORD}@127.0.0.1:${hubPort}`;
  const consumerFile = join(ROOT, "nats/telegraf.json");
  const atCentre = async (...args: readonly string[]) => {
    const command = start(cli, ["-s", url, "--timeout=30s", ...args]);
    assert.equal((await command.ended).code, 0, args.join(" "));
    return command.stdout.join("\n");
  };
  await atCentre("stream", "add", "--config", streamFile);
  await atCentre("consumer", "add", "readings", "--config", consumerFile);
  const centreFile = adapted("telegraf/centre.conf", {
    "127.0.0.1:4222": `127.0.0.1:${hubPort}`,
    "http://127.0.0.1:8428": database.url,
  });
  const agent = put("agent.conf", '[agent]\n  omit_hostname = true\n  flush_interval = "1s"\n');
  const centreArgs = ["--config", agent, "--config", put("centre.conf", centreFile)];
  const centre = start(TELEGRAF, centreArgs, passwords);

  let sent = 0;
  const startMs = Date.now();
  const publish = (i: number, at: number) => {
    const site = sites[i];
    for (let pack = 1; site && pack <= PACKS; pack++) {
      site.client.publish(`battery.${site.name}`, `battery,meter=m${pack} volts=13.3,${ROW_FIELDS} ${at}000000`);
      sent += 1;
    }
  };
  const stored = async (count: number) =>
    until(`${count} rows`, async () => (await database.count("battery", "volts")) >= count, 180_000, 500);
  const parts = { hub: [hub], leaf: sites.map(({ server }) => server), telegraf: [centre] };
  let before = usage(parts);
  const lags: number[] = [];
  const beganAt = performance.now();
  for (let step = 0; step < PERIODS * sites.length; step++) {
    const dueMs = (step * PERIOD_MS) / sites.length;
    await sleep(Math.max(0, dueMs - (performance.now() - beganAt)));
    publish(step % sites.length, startMs + Math.round(dueMs));
    if (step % 10 === 0) lags.push(sent - (await database.count("battery", "volts")));
  }
  await stored(sent);
  const rowsPerSecond = (1000 * NAMES.length * PACKS) / PERIOD_MS;
  const seconds = (rows: number) => (rows / rowsPerSecond).toFixed(1);
  const sorted = lags.toSorted((a, b) => a - b);
  t.diagnostic(`lag: median ${seconds(sorted[sorted.length >> 1] ?? 0)} s, most ${seconds(sorted.at(-1) ?? 0)} s`);
  report("a row in 10 s", sent, beganAt);

  const pouredAt = performance.now();
  const earlier = sent;
  for (let row = 0; row < BACKLOG; row++) for (const i of sites.keys()) publish(i, startMs + 600_000 + row * 1_000);
  await stored(sent);
  report("a backlog", sent - earlier, pouredAt);
  assert.equal(await database.count("battery", "volts"), sent);

  await centre.stop("SIGTERM");
  await atCentre("consumer", "rm", "readings", "telegraf", "--force");
  await atCentre("consumer", "add", "readings", "--config", consumerFile);
  const again = start(TELEGRAF, centreArgs, passwords);
  Object.assign(parts, { telegraf: [again], leaf: [] });
  before = { ...usage(parts), telegraf: { cpuS: 0, megabytes: 0 } };
  const replayedAt = performance.now();
  const isRead = async () => {
    const text = await atCentre("consumer", "info", "readings", "telegraf", "--json");
    const { num_pending, num_ack_pending } = JSON.parse(text) as { num_pending: number; num_ack_pending: number };
    return num_pending + num_ack_pending === 0;
  };
  await until("the hub's stream is read again", isRead, 180_000, 200);
  report("from the hub alone", sent, replayedAt);
  assert.equal(await database.count("battery", "volts"), sent);
  assert.equal((await database.tagValues("battery", "site")).length, sites.length);

  function report(about: string, rows: number, from: number) {
    const tookS = (performance.now() - from) / 1000;
    const rate = Math.round(rows / tookS);
    t.diagnostic(`${about}: ${rows} rows in ${tookS.toFixed(1)} s, ${rate} rows/s, each stored once`);
    const now = usage(parts);
    for (const [name, { cpuS, megabytes }] of Object.entries(now)) {
      const usedS = cpuS - (before[name]?.cpuS ?? 0);
      t.diagnostic(`  ${name}: ${((100 * usedS) / tookS).toFixed(1)} % of a core, ${megabytes} MB`);
    }
    before = now;
  }
});

/** Processor time and memory of programs, those of one part taken together. */
function usage(parts: Readonly<Record<string, readonly Program[]>>) {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const totals = (programs: readonly Program[]) => ({
    cpuS: sum(programs.map(({ pid }) => usageOf(pid).cpuMs)) / 1000,
    megabytes: Math.round(sum(programs.map(({ pid }) => memoryOf(pid).proportional)) / 1e6),
  });
  return Object.fromEntries(Object.entries(parts).map(([name, programs]) => [name, totals(programs)]));
}
