import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import { check, listener } from "./check.ts";
import { startInfluxDb } from "./influxdb.ts";
import { pointOfRow, sorted } from "./point.ts";
import { edgeRows } from "./rows.ts";
import { without } from "./server.ts";
import { AGENT, document, feed, fileOutput, pointsIn, startTelegraf, TELEGRAF, workFolder } from "./telegraf.ts";

const ROWS = edgeRows(Date.now() - 3_600_000);
const DOCUMENTS = ROWS.map((row) => document(row));
const isRoot = process.getuid?.() === 0;

test("socket_mode is missing: another user may not connect", {
  skip: !isRoot && "NOT SHOWN: needs root",
}, async (t) => {
  const folder = workFolder();
  chmodSync(folder, 0o755);
  const [right, wrong] = [join(folder, "right.sock"), join(folder, "wrong.sock")];
  const output = AGENT + fileOutput(join(folder, "out.lp"));
  const withoutMode = listener(wrong, "wrong", "socket_mode");
  await startTelegraf(t, folder, output + listener(right, "right") + withoutMode);
  const tryTo = (socket: string) =>
    spawnSync(
      process.execPath,
      [
        "-e",
        `require("net").connect(${JSON.stringify(socket)}, () => process.exit(0)).on("error", (e) => process.exit(3))`,
      ],
      { uid: 65534, gid: 0 },
    ).status;
  assert.deepEqual([tryTo(right), tryTo(wrong)], [0, 3]);
  const { code, faults } = await check(wrong, output + withoutMode);
  assert.deepEqual([code, faults.length], [1, 1]);
  assert.match(faults[0] ?? "", /socket_mode is not set: only Telegraf's own user/);
});

test("read_timeout is set: Telegraf ends an idle connection", async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const configuration =
    AGENT + fileOutput(join(folder, "out.lp")) + listener(socket, "a", "", 'read_timeout = "300ms"');
  await startTelegraf(t, folder, configuration);
  const connection = connect(socket);
  connection.resume();
  await new Promise((resolve) => connection.on("close", resolve));
  const { code, faults } = await check(socket, configuration);
  assert.deepEqual([code, faults.length], [1, 1]);
  assert.match(faults[0] ?? "", /read_timeout is "300ms": Telegraf ends the connection/);
});

for (const [about, configuration, message] of [
  [
    "no data_format",
    (socket: string) => `[[outputs.discard]]\n${listener(socket, "a", "data_format")}`,
    /data_format is not/,
  ],
  ["no output", (socket: string) => listener(socket, "a"), /no output in Telegraf's configuration/],
] as const) {
  test(`${about}: Telegraf does not start`, async (t) => {
    const folder = workFolder();
    const socket = join(folder, "bms.sock");
    await assert.rejects(startTelegraf(t, folder, configuration(socket)), /ended before it listened/);
    const { code, faults } = await check(socket, configuration(socket));
    assert.equal(code, 1);
    assert.ok(
      faults.some((fault) => message.test(fault)),
      faults.join("\n"),
    );
  });
}

test("two listeners on one socket: one of them receives nothing", async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const out = join(folder, "out.lp");
  const configuration = AGENT + fileOutput(out) + listener(socket, "a") + listener(socket, "b");
  const telegraf = await startTelegraf(t, folder, configuration);
  await feed(socket, DOCUMENTS);
  const { code, faults } = await check(socket, configuration);
  await telegraf.stop();
  assert.equal(new Set(pointsIn(out).map(({ measurement }) => measurement)).size, 1);
  assert.deepEqual([code, faults.length], [1, 1]);
  assert.match(faults[0] ?? "", /a second socket_listener on/);
});

test("flush_interval is longer than a reading takes to settle: a killed Telegraf loses rows that it had read", async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const out = join(folder, "out.lp");
  const configuration = `[agent]\n  flush_interval = "60s"\n${fileOutput(out)}${listener(socket, "battery")}`;
  const telegraf = await startTelegraf(t, folder, configuration);
  await feed(socket, DOCUMENTS);
  const { code, faults } = await check(socket, configuration);
  await telegraf.stop("SIGKILL");
  assert.deepEqual(pointsIn(out), []);
  assert.deepEqual([code, faults.length], [1, 1]);
  assert.match(faults[0] ?? "", /outputs\.file writes every 60 s, .* --settle 120/);
});

test("metric_buffer_limit is small: rows are dropped while the database is away", {
  skip: without("influxd"),
}, async (t) => {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const port = await freePort();
  const configuration = `${AGENT}[[outputs.influxdb]]\n  urls = ["http://127.0.0.1:${port}"]\n  metric_buffer_limit = 2\n${listener(socket, "battery")}`;
  const telegraf = await startTelegraf(t, folder, configuration);
  await feed(socket, DOCUMENTS);
  await telegraf.logged(/W! .*buffer .*drop|dropped/i);
  const database = await startInfluxDb(t, { folder, port });
  const { code, notes } = await check(socket, configuration);
  const newest = ROWS.slice(-2).map((row) => pointOfRow("battery", row));
  await until(
    "the rows that Telegraf has kept",
    async () => (await database.points("battery")).length >= newest.length,
  );
  await telegraf.stop();
  assert.deepEqual(sorted(await database.points("battery")), sorted(newest));
  assert.equal(code, 0);
  assert.ok(notes.some((note) => /outputs\.influxdb keeps 2 rows/.test(note)));
});

test("Telegraf is too old: it mixes the documents of two connections", { timeout: 180_000 }, async (t) => {
  const built = spawnSync(join(import.meta.dirname, "telegraf-binary"), ["1.25.3"], {
    encoding: "utf8",
  });
  assert.equal(built.status, 0, built.stderr);
  const old = built.stdout.trim();
  const oldCheck = await check("/run/bms.sock", "", { PATH: pathWith(old) });
  assert.ok(oldCheck.faults.some((fault) => fault.startsWith("Telegraf 1.25 is too old")));
  const newCheck = await check("/run/bms.sock", "", { PATH: pathWith(TELEGRAF) });
  assert.ok(!newCheck.faults.some((fault) => fault.includes("too old")));

  // On a busy machine the two parsers may alternate for a while and mix nothing.
  let rounds = 1;
  while (rounds < 20 && (await wholeRows(t, old)) === 2 * DOCUMENTS_EACH) rounds++;
  assert.ok(rounds < 20, "the old Telegraf lost or mixed no row");
  for (; rounds > 0; rounds--) assert.equal(await wholeRows(t, TELEGRAF), 2 * DOCUMENTS_EACH);
});

const DOCUMENTS_EACH = 5_000;

/** Number of intact rows that a Telegraf stores when two connections send different columns at the same time. */
async function wholeRows(t: TestContext, program: string): Promise<number> {
  const folder = workFolder();
  const socket = join(folder, "bms.sock");
  const out = join(folder, "out.lp");
  const configuration = `${AGENT}  metric_buffer_limit = 100000\n${fileOutput(out)}${listener(socket, "battery")}`;
  const telegraf = await startTelegraf(t, folder, configuration, { program });
  const shapes = [ROWS[0] ?? {}, ROWS[4] ?? {}];
  const documents = shapes.map((row) =>
    Array.from({ length: DOCUMENTS_EACH }, (_, i) => document({ ...row, time: String(1e12 + i) })),
  );
  // The old Telegraf may crash and end the connections.
  await Promise.allSettled(documents.map((some) => feed(socket, some)));
  await telegraf.stop();
  const columns = new Map(shapes.map((row) => [row.meter, Object.keys(row).slice(2).sort().join()]));
  const stored = existsSync(out) ? pointsIn(out) : [];
  return stored.filter(({ tags, fields }) => Object.keys(fields).sort().join() === columns.get(tags.meter)).length;
}

/** A PATH on which `telegraf` is this program. */
function pathWith(program: string): string {
  const folder = workFolder();
  symlinkSync(program, join(folder, "telegraf"));
  return folder;
}
