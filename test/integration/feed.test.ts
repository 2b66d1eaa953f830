import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { feedEndpoint } from "../../common/wire/endpoint.ts";
import { csvRows } from "../../simulator/csv-rows.ts";
import { startProgram } from "../../simulator/program.ts";
import { subscriberOf } from "../support/feed.ts";
import { listenAt } from "../support/listener.ts";
import { sendTo } from "../support/sender.ts";
import { stalledSubscribers } from "../support/stalled-subscribers.ts";
import { until } from "../support/until.ts";
import { createSystem } from "./system.ts";

/** Readings that an agent sends ahead of those that are written. */
const WINDOW = 128;
/** More than the aggregator and the sockets hold for one subscriber. */
const READINGS = 12_000;

test("20 stopped subscribers delay and lose nothing but their own readings", async (t) => {
  const system = createSystem(t);
  await system.startAggregator();
  const feed = feedEndpoint(system.endpoint);
  const stalled = await stalledSubscribers(t, feed, 20);
  const watching = subscriberOf(t, feed);
  const senders = ["house", "solar"].map((meter) => ({ meter, ...sendTo(t, system.endpoint, { meter }) }));
  for (const { put } of senders) put(READINGS / 2);
  await until("all settled", () => senders.every(({ outbox }) => outbox.unsettled === 0));
  await until("all printed", () => system.rows().length >= READINGS);
  const expected = Array.from({ length: READINGS / 2 }, (_, i) => String(i + 1));
  for (const { meter } of senders) {
    const rows = system.rows(meter).map(({ polls }) => polls);
    assert.deepEqual(rows, expected);
  }
  await until("all watched", () => watching.readings.length >= READINGS);

  stalled.process.kill("SIGCONT");
  sendTo(t, system.endpoint, { meter: "later" }).put(1);
  const counts = await until("readings of the stopped ones", () => {
    stalled.process.kill("SIGUSR2");
    const received: number[] = JSON.parse(stalled.stdout.at(-1) ?? "");
    return received.every((count) => count > 0) && received;
  });
  assert.ok(
    counts.every((count) => count < READINGS),
    `${counts}`,
  );
});

test("while Telegraf is away each newest reading is on the feed; afterwards each is written once, in order", async (t) => {
  const system = createSystem(t);
  const path = join(system.folder, "telegraf.sock");
  await system.startAggregator("--output", `unix://${path}`);
  const watching = subscriberOf(t, feedEndpoint(system.endpoint));
  const { put, outbox } = sendTo(t, system.endpoint);
  put(WINDOW);
  await until("a full window", () => watching.readings.some(({ seq }) => seq === WINDOW));
  for (let seq = WINDOW + 1; seq <= 2 * WINDOW; seq += 1) {
    put(1);
    await until(`reading ${seq}`, () => watching.readings.some((reading) => reading.seq === seq));
  }
  assert.equal(outbox.backlog, 2 * WINDOW);

  const telegraf = await listenAt(t, path);
  await until("all accepted", () => outbox.backlog === 0);
  const inOrder = Array.from({ length: 2 * WINDOW }, (_, i) => String(i + 1));
  const written = await until("all read", () => {
    const polls = pollsOf(telegraf.documents);
    return polls.length >= inOrder.length && polls;
  });
  assert.deepEqual(written, inOrder);
});

test("bmsctl watch follows an aggregator that is killed and started again, until Ctrl-C", async (t) => {
  const system = createSystem(t);
  const feed = feedEndpoint(system.endpoint);
  const watch = startProgram("bmsctl", ["watch", "--json", "--feed", feed]);
  t.after(() => watch.stop("SIGKILL"));
  await watch.logged(/waiting for an aggregator at .*: sudo systemctl start bms-aggregator, or choose another --feed/);
  const first = await system.startAggregator();
  const sender = sendTo(t, system.endpoint);
  const seen = () => watch.stdout.map((line) => JSON.parse(line).seq);
  sender.put(1);
  await until("the first reading", () => seen().includes(1));
  await first.stop("SIGKILL");
  await system.startAggregator();
  sender.put(1);
  await until("the second reading", () => seen().includes(2));
  assert.deepEqual(await watch.stop("SIGINT"), { code: 0, signal: null });
});

/** The column `polls` of CSV documents. */
function pollsOf(documents: readonly string[]): readonly (string | undefined)[] {
  const polls: (string | undefined)[] = [];
  const read = csvRows((row) => polls.push(row.polls));
  for (const line of documents.flatMap((document) => [...document.split("\n"), ""])) read(line);
  return polls;
}
