import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Packr } from "msgpackr/pack";
import { Dealer } from "zeromq";
import { MAX_MESSAGE_BYTES } from "../../../../common/wire/fields.ts";
import { type Program, startProcess, startProgram } from "../../../../simulator/program.ts";
import { readingOf } from "../../../support/reading.ts";
import { type Sender, sendTo } from "../../../support/sender.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { until } from "../../../support/until.ts";

/** Pseudo-random bytes, the same in every run. */
const noise = (length: number) => createHash("shake256", { outputLength: length }).update("noise").digest();

const packr = new Packr({ useRecords: false });
const { run, meter, device, driver } = readingOf(1);
const MESSAGE = {
  v: 2,
  t: "readings",
  run,
  from: 1,
  after: 0,
  meter,
  device,
  driver,
  readings: [{ seq: 1, at: 1_700_000_000_000, sample: { volts: 6.66 } }],
};

/** The aggregator as a process, and an agent that has delivered its first reading to it. */
async function startBoth(t: TestContext): Promise<{ path: string; aggregator: Program; agent: Sender }> {
  const path = join(await temporaryFolder(t), "readings.sock");
  const aggregator = startProgram("bms-aggregator", ["--endpoint", `ipc://${path}`]);
  t.after(() => aggregator.stop("SIGKILL"));
  await aggregator.logged(/listening on/);
  const agent = sendTo(t, `ipc://${path}`);
  await deliverOne(agent);
  return { path, aggregator, agent };
}

async function deliverOne(agent: Sender) {
  agent.put(1);
  await until("a reading accepted", async () => agent.outbox.backlog === 0);
}

/** Stops the aggregator, which must work; it wrote the agent's rows and nothing else. */
async function stopAfter(aggregator: Program, rows: number) {
  assert.deepEqual(await aggregator.stop("SIGTERM"), { code: 0, signal: null }, aggregator.stderr.join("\n"));
  const polls = aggregator.stdout
    .filter((line) => line.startsWith("bms,"))
    .map((line) => Number(line.split(",").at(-1)));
  assert.deepEqual(
    polls,
    Array.from({ length: rows }, (_, i) => i + 1),
  );
  assert.ok(!aggregator.stdout.some((line) => line.includes("6.66")));
}

async function rawConnection(path: string): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  return socket;
}

const RAW: [about: string, bytes: Uint8Array][] = [
  ["HTTP", Buffer.from(`GET /metrics HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${"x".repeat(200)}\r\n\r\n`)],
  ["random bytes", noise(5_000)],
  ["a greeting of ZeroMQ with nothing behind it", Buffer.from("ff00000000000000017f03004e554c4c", "hex")],
  ["bytes that begin like an old ZeroMQ", Buffer.concat([Buffer.of(0x01, 0x00), noise(3_000)])],
];

for (const [about, bytes] of RAW) {
  test(`survives ${about} on its socket`, async (t) => {
    const { path, aggregator, agent } = await startBoth(t);
    const sockets = await Promise.all(Array.from({ length: 5 }, () => rawConnection(path)));
    for (const socket of sockets) socket.end(bytes);
    await Promise.all(sockets.map((socket) => socket.destroyed || once(socket, "close")));
    await aggregator.logged(/rejected, (connection|frames|malformed): /);
    await deliverOne(agent);
    await stopAfter(aggregator, 2);
  });
}

const MESSAGES: [about: string, logged: RegExp, frames: (string | Uint8Array)[]][] = [
  ["text", /rejected, malformed/, ["hello"]],
  ["an empty message", /rejected, malformed/, [""]],
  ["random bytes", /rejected, malformed/, [Buffer.concat([Buffer.of(0xc1), noise(500)])]],
  [
    "another version",
    /rejected, version: wire version 1, expected 3 or 2: install the same version/,
    [packr.pack({ ...MESSAGE, v: 1 })],
  ],
  ["100,000 nested arrays", /rejected, oversize/, [Buffer.alloc(100_000, 0x91)]],
  ["60,000 nested arrays", /rejected, malformed/, [Buffer.alloc(60_000, 0x91)]],
  ["nested extensions and records", /rejected, malformed/, [Buffer.alloc(60_000, Buffer.from("d4724091a161", "hex"))]],
  ["an acknowledgement", /rejected, kind: kind "ack", expected "readings"/, [packr.pack({ ...MESSAGE, t: "ack" })]],
  ["wrong types", /rejected, field: readings is not an array/, [packr.pack({ ...MESSAGE, readings: "many" })]],
  [
    "a number that is NaN",
    /rejected, field: seq is NaN/,
    [packr.pack({ ...MESSAGE, readings: [{ ...MESSAGE.readings[0], seq: Number.NaN }] })],
  ],
  [
    "a name that would break CSV",
    /rejected, field: meter is "bms\\nbms,1,6\.66"/,
    [packr.pack({ ...MESSAGE, meter: "bms\nbms,1,6.66" })],
  ],
  ["a message longer than any", /rejected, oversize: 65537 bytes/, [Buffer.alloc(MAX_MESSAGE_BYTES + 1)]],
  ["several frames", /rejected, frames: a message of several frames/, ["a", packr.pack(MESSAGE), "b"]],
];

for (const [about, logged, frames] of MESSAGES) {
  test(`rejects ${about}, logs it, and goes on receiving`, async (t) => {
    const { path, aggregator, agent } = await startBoth(t);
    const client = new Dealer({ linger: 0 });
    t.after(() => client.close());
    client.connect(`ipc://${path}`);
    await client.send(frames);
    await aggregator.logged(logged);
    await deliverOne(agent);
    await stopAfter(aggregator, 2);
  });
}

test("a frame of megabytes closes its connection unread", async (t) => {
  const { path, aggregator, agent } = await startBoth(t);
  const client = new Dealer({ linger: 0 });
  const cut = new Promise((resolve) => client.events.on("disconnect", resolve));
  t.after(() => client.close());
  client.connect(`ipc://${path}`);
  await client.send(Buffer.alloc(64 * 1024 * 1024));
  await cut;
  await deliverOne(agent);
  await stopAfter(aggregator, 2);
});

test("a flood of messages is counted, not logged line by line", async (t) => {
  const { path, aggregator, agent } = await startBoth(t);
  const client = new Dealer({ linger: 0 });
  t.after(() => client.close());
  client.connect(`ipc://${path}`);
  for (let i = 0; i < 5_000; i += 1) await client.send("noise");
  await until("the end of the flood", async () => {
    await deliverOne(agent);
    return aggregator.stderr.some((line) => line.includes("rejected, malformed"));
  });
  assert.ok(aggregator.stderr.length < 5);
  assert.deepEqual(await aggregator.stop("SIGTERM"), { code: 0, signal: null }, aggregator.stderr.join("\n"));
  assert.match(aggregator.stderr.at(-1) ?? "", /rejected so far: \d+ malformed/);
});

test("a message of thousands of frames costs no memory", async (t) => {
  const { path, aggregator, agent } = await startBoth(t);
  const residentKb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${aggregator.pid}/status`, "utf8"))?.[1]);
  const before = residentKb();
  const client = new Dealer({ linger: 0 });
  t.after(() => client.close());
  client.connect(`ipc://${path}`);
  await client.send(Array.from({ length: 1_800 }, () => Buffer.alloc(200_000)));
  await aggregator.logged(/rejected, frames/);
  await deliverOne(agent);
  assert.ok(residentKb() < before + 50_000, `${before} kB before, ${residentKb()} kB after`);
  await stopAfter(aggregator, 2);
});

test("who says nothing is sent away", async (t) => {
  const { path, aggregator, agent } = await startBoth(t);
  const silent = await rawConnection(path);
  await once(silent, "close");
  await deliverOne(agent);
  await stopAfter(aggregator, 2);
});

test("where few files may be open, idle connections displace each other, and not the agent", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  const program = join(import.meta.dirname, "../../../../dist/bms-aggregator.js");
  const command = `ulimit -n 64; exec "${process.execPath}" "${program}" --endpoint "ipc://${path}"`;
  const aggregator = startProcess("sh", ["-c", command]);
  t.after(() => aggregator.stop("SIGKILL"));
  await aggregator.logged(/listening on/);
  const agent = sendTo(t, `ipc://${path}`);
  await deliverOne(agent);
  const idle: Socket[] = [];
  t.after(() => {
    for (const socket of idle) socket.destroy();
  });
  for (let i = 0; i < 200; i += 1) idle.push(await rawConnection(path));
  await aggregator.logged(/rejected, connections: more than \d+/);
  await deliverOne(agent);
  await stopAfter(aggregator, 2);
});

test("a thousand idle connections delay nobody", async (t) => {
  const { path, aggregator, agent } = await startBoth(t);
  const idle: Socket[] = [];
  t.after(() => {
    for (const socket of idle) socket.destroy();
  });
  for (let i = 0; i < 1_000; i += 1) idle.push(await rawConnection(path));
  await deliverOne(agent);
  const another = sendTo(t, `ipc://${path}`, { meter: "solar" });
  await deliverOne(another);
  await stopAfter(aggregator, 2);
});
