import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { Packr } from "msgpackr/pack";
import { Dealer } from "zeromq";
import { openZeromqServer } from "../../../aggregator/intake/zeromq-server.ts";
import { openLiveFeed } from "../../../aggregator/live-feed.ts";
import type { Observer } from "../../../aggregator/observers.ts";
import type { OutputUrl } from "../../../aggregator/outputs/output-url.ts";
import { type ServeDeps, serve } from "../../../aggregator/serve.ts";
import { parseAggregatorStatus } from "../../../common/model/status.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { readStatusFile, statusPath } from "../../../common/runtime/status-file.ts";
import { silentNotify } from "../../../common/systemd/notify.ts";
import { EndpointError, endpointPath, feedEndpoint } from "../../../common/wire/endpoint.ts";
import { decodeAcknowledgement } from "../../../common/wire/messages.ts";
import { subscriberOf } from "../../support/feed.ts";
import { listen, listenAt } from "../../support/listener.ts";
import { sendTo } from "../../support/sender.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

interface Serving {
  /** Documents on its standard output, without the empty lines. */
  readonly stdout: readonly string[];
  readonly logged: readonly string[];
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

interface Settings extends Partial<ServeDeps> {
  readonly settleMs?: number;
}

/** An aggregator in this process, stopped with the test. */
function start(t: TestContext, endpoint: string, outputs: readonly OutputUrl[], settings: Settings = {}): Serving {
  const { settleMs = 0, ...deps } = settings;
  const stop = new AbortController();
  const stdout: string[] = [];
  const logged: string[] = [];
  const write = (message: string) => logged.push(message);
  const stream = new PassThrough({ encoding: "utf8" });
  stream.on("data", (text: string) => stdout.push(...text.split("\n\n").filter(Boolean)));
  const serving = serve(
    { outputs, endpoint, feed: feedEndpoint(endpoint), settleMs },
    {
      openReceiver: openZeromqServer,
      openFeed: openLiveFeed,
      stdout: stream,
      notify: silentNotify,
      clock: systemClock,
      log: { error: write, warn: write, info: write, debug: write },
      stop: stop.signal,
      ...deps,
    },
  );
  serving.catch(() => {});
  const end = () => {
    stop.abort();
    return serving;
  };
  t.after(() => end().catch(() => {}));
  return { stdout, logged, ended: serving, stop: end };
}

const endpointIn = async (t: TestContext) => `ipc://${join(await temporaryFolder(t), "readings.sock")}`;
/** `meter:polls` of every row. */
const rowsOf = (documents: readonly string[]) =>
  documents.flatMap((document) =>
    document
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => `${row.split(",").at(0)}:${row.split(",").at(-1)}`),
  );
const numbered = (meter: string, count: number) => Array.from({ length: count }, (_, i) => `${meter}:${i + 1}`);
const isEmpty = (sender: ReturnType<typeof sendTo>) => async () => sender.outbox.backlog === 0;

test("readings of several agents come out once, each agent's in order", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout } = start(t, endpoint, ["-"]);
  const [bms, solar] = [sendTo(t, endpoint), sendTo(t, endpoint, { meter: "solar" })];
  for (let round = 0; round < 10; round += 1) {
    bms.put(30);
    solar.put(30);
  }
  await until("all accepted", async () => bms.outbox.backlog + solar.outbox.backlog === 0);
  const rows = rowsOf(stdout);
  assert.deepEqual(
    rows.filter((row) => row.startsWith("bms")),
    numbered("bms", 300),
  );
  assert.deepEqual(
    rows.filter((row) => row.startsWith("solar")),
    numbered("solar", 300),
  );
  assert.equal(rows.length, 600);
});

test("an agent that started first delivers its backlog in order", async (t) => {
  const endpoint = await endpointIn(t);
  const sender = sendTo(t, endpoint);
  sender.put(500);
  const { stdout } = start(t, endpoint, ["-"]);
  await until("all accepted", isEmpty(sender));
  assert.deepEqual(rowsOf(stdout), numbered("bms", 500));
  assert.equal(sender.outbox.unsettled, 0);
});

test("a restarted aggregator continues where the other one ended", async (t) => {
  const endpoint = await endpointIn(t);
  const first = start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(3);
  await until("the first three", isEmpty(sender));
  await first.stop();
  sender.put(3);
  const second = start(t, endpoint, ["-"]);
  await until("the others", isEmpty(sender));
  assert.deepEqual([...rowsOf(first.stdout), ...rowsOf(second.stdout)], numbered("bms", 6));
});

test("readings in the queue are written and acknowledged when the aggregator stops", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout, stop } = start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await until("the first", isEmpty(sender));
  sender.put(100);
  await stop();
  assert.deepEqual(rowsOf(stdout), numbered("bms", 101 - sender.outbox.unsettled));
});

test("an agent with a large backlog does not starve the others", async (t) => {
  const endpoint = await endpointIn(t);
  start(t, endpoint, ["-"]);
  const [busy, calm] = [sendTo(t, endpoint), sendTo(t, endpoint, { meter: "solar" })];
  busy.put(1);
  calm.put(1);
  await until("both to be there", async () => busy.outbox.backlog + calm.outbox.backlog === 0);
  busy.put(20_000);
  calm.put(1);
  await until("the calm one's reading", isEmpty(calm));
  assert.ok(busy.outbox.backlog > 0);
  await until("the backlog", isEmpty(busy));
});

test("a second aggregator on the same endpoint fails, and the first goes on", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout, logged } = start(t, endpoint, ["-"]);
  await until("the first", async () => logged.length > 0);
  await assert.rejects(start(t, endpoint, ["-"]).stop(), EndpointError);
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await until("a reading", isEmpty(sender));
  assert.deepEqual(rowsOf(stdout), ["bms:1"]);
});

test("nothing is settled before Telegraf has read it, and then the agent forgets it", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  telegraf.reading(false);
  start(t, endpoint, [`unix://${telegraf.path}`]);
  const sender = sendTo(t, endpoint);
  sender.put(5);
  await until("all accepted", isEmpty(sender));
  await until("a receipt asked for", async () => telegraf.connections.size === 2);
  telegraf.reading(true);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  assert.deepEqual(rowsOf(telegraf.documents), numbered("bms", 5));
});

test("when Telegraf dies, everything unsettled is written again to the next one, oldest first", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  const { logged } = start(t, endpoint, [`unix://${telegraf.path}`], { settleMs: 3_600_000 });
  const sender = sendTo(t, endpoint);
  sender.put(5);
  await until("all accepted", isEmpty(sender));
  await telegraf.crash();
  sender.put(5);
  await until("the loss", async () => logged.some((line) => line.includes("Telegraf has closed")));
  const next = await listenAt(t, telegraf.path);
  await until("all ten", async () => next.documents.length > 0 && sender.outbox.backlog === 0);
  assert.deepEqual(rowsOf(next.documents), numbered("bms", 10));
  assert.equal(logged.filter((line) => line.includes("reconnected after")).length, 1);
});

test("without Telegraf nothing is accepted, and the backlog is delivered when it comes", async (t) => {
  const endpoint = await endpointIn(t);
  const path = join(await temporaryFolder(t), "telegraf.sock");
  const { logged } = start(t, endpoint, [`unix://${path}`]);
  const sender = sendTo(t, endpoint);
  sender.put(1000);
  await until("the complaint", async () => logged.some((line) => line.includes("start Telegraf")));
  assert.equal(sender.outbox.backlog, 1000);
  const telegraf = await listenAt(t, path);
  await until("all accepted", isEmpty(sender));
  await until("the rows", async () => rowsOf(telegraf.documents).length >= 1000);
  assert.deepEqual(rowsOf(telegraf.documents), numbered("bms", 1000));
});

test("standard output beside a socket delays nobody", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  const stdout = new PassThrough({ highWaterMark: 1 });
  const { stop } = start(t, endpoint, ["-", `unix://${telegraf.path}`], { stdout });
  const sender = sendTo(t, endpoint);
  sender.put(100);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  await stop();
});

test("an aggregator ends when the reader of its only output has exited", async (t) => {
  const endpoint = await endpointIn(t);
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error("write EPIPE")) });
  const { ended } = start(t, endpoint, ["-"], { stdout });
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await ended;
  assert.equal(sender.outbox.backlog, 1);
});

test("observers get each new batch once, and one that throws does not harm delivery", async (t) => {
  const endpoint = await endpointIn(t);
  const seen: number[] = [];
  const observers: Observer[] = [
    () => {
      throw new Error("broken");
    },
    (readings) => seen.push(...readings.map(({ seq }) => seq)),
  ];
  const { stdout } = start(t, endpoint, ["-"], { observers });
  const sender = sendTo(t, endpoint);
  sender.put(50);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  assert.deepEqual(rowsOf(stdout), numbered("bms", 50));
});

test("an agent of another version is answered with the aggregator's own", async (t) => {
  const endpoint = await endpointIn(t);
  const { logged } = start(t, endpoint, ["-"]);
  const agent = new Dealer({ linger: 0 });
  t.after(() => agent.close());
  agent.connect(endpoint);
  await agent.send(new Packr({ useRecords: false }).pack({ v: 1, t: "readings" }));
  const [reply] = await agent.receive();
  assert.throws(() => decodeAcknowledgement(Uint8Array.from(reply ?? []).with(3, 3)), /wire version 3, expected 2/);
  assert.ok(logged.some((line) => /rejected, version: wire version 1, expected 3 or 2: install the same/.test(line)));
});

test("the status file shows outputs, readings and rejections", async (t) => {
  const endpoint = await endpointIn(t);
  const runtimeDirectory = await temporaryFolder(t);
  const { stop } = start(t, endpoint, ["-"], { runtimeDirectory });
  const sender = sendTo(t, endpoint);
  sender.put(3);
  await until("all accepted", isEmpty(sender));
  await stop();
  const status = readStatusFile(statusPath(runtimeDirectory), parseAggregatorStatus);
  assert.deepEqual(
    { ...status, at: 0 },
    {
      version: 1,
      program: "bms-aggregator",
      at: 0,
      endpoint,
      meters: 1,
      readings: 3,
      ahead: 0,
      outputs: [{ name: "stdout", state: "away", waiting: 0 }],
      rejected: {},
      feed: { subscribers: 0, published: 3 },
    },
  );
});

test("a feed that cannot be bound is one warning with what to do, and delivery goes on", async (t) => {
  const endpoint = await endpointIn(t);
  const feed = endpointPath(feedEndpoint(endpoint));
  await writeFile(feed, "precious");
  const { stdout, logged, stop } = start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(3);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  await stop();
  assert.deepEqual(rowsOf(stdout), numbered("bms", 3));
  const warnings = logged.filter((line) => line.includes(feed));
  assert.deepEqual(warnings, [
    `readings are delivered without a live feed: ${feed} is not a socket and will not be replaced: remove it, or choose another --feed`,
  ]);
  assert.equal(await readFile(feed, "utf8"), "precious");
});

test("a subscriber of the feed receives what is delivered, and the latest reading when it comes later", async (t) => {
  const endpoint = await endpointIn(t);
  start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(5);
  await until("all accepted", isEmpty(sender));
  const { readings } = subscriberOf(t, feedEndpoint(endpoint));
  await until("the latest", () => readings.length > 0);
  sender.put(2);
  await until("the new ones", () => readings.length >= 3);
  assert.deepEqual(
    readings.map(({ seq }) => seq),
    [5, 6, 7],
  );
});
