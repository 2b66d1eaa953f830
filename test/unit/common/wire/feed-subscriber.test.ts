import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Publisher, XPublisher } from "zeromq";
import type { Reading } from "../../../../common/model/reading.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { encodeFeedMessage } from "../../../../common/wire/feed.ts";
import { subscribeFeed } from "../../../../common/wire/feed-subscriber.ts";
import { encodeMsgpack } from "../../../../common/wire/msgpack.ts";
import type { TrustDeps } from "../../../../common/wire/trusted-connection.ts";
import { startFeed } from "../../../support/feed.ts";
import { readingOf, rowOf } from "../../../support/reading.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { until } from "../../../support/until.ts";

/** A subscription whose events are kept; `recheck` ends the pause after a refusal. */
function subscribe(t: TestContext, endpoint: string, listenerFault?: TrustDeps["listenerFault"]) {
  const readings: Reading[] = [];
  const events: string[] = [];
  const pauses: Array<() => void> = [];
  const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => void pauses.push(resolve)) };
  const subscription = subscribeFeed(
    endpoint,
    {
      reading: (reading) => void readings.push(reading),
      state: (state) => void events.push(state),
      rejected: ({ fault }) => void events.push(`rejected ${fault}`),
      refused: (fault) => void events.push(`refused: ${fault}`),
    },
    clock,
    listenerFault && { listenerFault },
  );
  t.after(subscription.close);
  return { subscription, readings, events, pauses };
}

const happens = (events: readonly string[], event: string, times = 1) =>
  until(`${event}, ${times} times`, () => events.filter((one) => one === event).length >= times);

test("the latest reading comes at once, then each new one; after a restart of the feed as well", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  feed.publish([rowOf(1)]);
  const { readings, events } = subscribe(t, endpoint);
  await until("the latest", () => readings.length === 1);
  feed.publish([rowOf(2, { sample: { volts: 13.31, cell1: 3331 } })]);
  await until("the new one", () => readings.length === 2);
  assert.deepEqual(readings, [readingOf(1), readingOf(2, { sample: { volts: 13.31, cell1: 3331 } })]);
  await feed.close();
  await happens(events, "away");
  const next = await startFeed(t, { endpoint });
  await happens(events, "connected", 2);
  next.feed.publish([rowOf(3)]);
  await until("one of the next feed", () => readings.length >= 3);
  assert.deepEqual(events, ["connected", "away", "connected"]);
});

test("damaged messages and those of other versions are counted, and the first of a kind is reported", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "live.sock")}`;
  const socket = new XPublisher({ linger: 0 });
  t.after(() => socket.close());
  await socket.bind(endpoint);
  const { subscription, readings, events } = subscribe(t, endpoint);
  await socket.receive();
  const { topic, payload } = encodeFeedMessage(readingOf(1));
  const messages: (string | Uint8Array)[][] = [
    [topic, "not msgpack"],
    [topic, encodeMsgpack({ v: 2 })],
    [topic],
    [topic, payload, payload],
    [topic, encodeMsgpack({ v: 3 })],
    [topic, payload],
  ];
  for (const message of messages) await socket.send(message);
  await until("the good one", () => readings.length > 0);
  assert.deepEqual(readings, [readingOf(1)]);
  assert.deepEqual(events, ["connected", "rejected malformed", "rejected version"]);
  assert.equal(subscription.rejected, 5);
});

test("nothing is taken from a listener that is not trusted, which is checked again", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  feed.publish([rowOf(1)]);
  let fault: string | undefined = "a stranger listens";
  const peers: string[] = [];
  const { readings, events, pauses } = subscribe(t, endpoint, (_path, _uid, peer) => {
    peers.push(peer);
    return peer === "" ? undefined : fault;
  });
  await happens(events, "refused: a stranger listens");
  pauses.shift()?.();
  await until("the second judgement", () => pauses.length > 0);
  fault = undefined;
  pauses.shift()?.();
  await until("a reading", () => readings.length > 0);
  assert.deepEqual(events, ["refused: a stranger listens", "connected"]);
  const ours = new RegExp(`:${process.getuid?.()}:${process.getgid?.()}:${process.pid}$`);
  assert.ok(peers.filter(Boolean).every((peer) => ours.test(peer)));
});

test("a listener whose path is not trusted is not connected to", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "live.sock")}`;
  const socket = new Publisher({ linger: 0 });
  t.after(() => socket.close());
  await socket.bind(endpoint);
  let accepted = 0;
  socket.events.on("accept", () => {
    accepted += 1;
  });
  const { events, pauses } = subscribe(t, endpoint, () => "the directory belongs to another user");
  await until("the first judgement", () => pauses.length > 0);
  pauses.shift()?.();
  await until("the second judgement", () => pauses.length > 0);
  assert.deepEqual([events, accepted], [["refused: the directory belongs to another user"], 0]);
});
