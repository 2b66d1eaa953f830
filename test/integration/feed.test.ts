import assert from "node:assert/strict";
import { test } from "node:test";
import { feedEndpoint } from "../../common/wire/endpoint.ts";
import { startProgram } from "../../simulator/program.ts";
import { subscriberOf } from "../support/feed.ts";
import { sendTo } from "../support/sender.ts";
import { stalledSubscribers } from "../support/stalled-subscribers.ts";
import { until } from "../support/until.ts";
import { createSystem } from "./system.ts";

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
