import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { XSubscriber } from "zeromq";
import { openLiveFeed } from "../../../aggregator/live-feed.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { EndpointError, endpointPath } from "../../../common/wire/endpoint.ts";
import { startFeed, subscriberOf } from "../../support/feed.ts";
import { rowOf } from "../../support/reading.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

type Subscription = ReturnType<typeof subscriberOf>;

const received = ({ readings }: Subscription) => readings.map(({ meter, seq }) => `${meter}:${seq}`);
const receives = (subscription: Subscription, ...expected: string[]) =>
  until(expected.join(), () => received(subscription).length >= expected.length).then(() =>
    assert.deepEqual(received(subscription), expected),
  );

/** A client that subscribes by messages of its own making. */
async function rawSubscriber(t: TestContext, endpoint: string) {
  const socket = new XSubscriber({ linger: 0, reconnectInterval: 60_000, sendTimeout: 0 });
  t.after(() => socket.close());
  const closed = new Promise((resolve) => socket.events.on("disconnect", resolve));
  const connected = new Promise((resolve) => socket.events.on("handshake", resolve));
  socket.connect(endpoint);
  await connected;
  return { socket, closed };
}

test("a new subscriber receives the latest reading of each meter, then each new one", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  feed.publish([rowOf(1), rowOf(2), rowOf(7, { meter: "solar" })]);
  const subscription = subscriberOf(t, endpoint);
  await receives(subscription, "bms:2", "solar:7");
  feed.publish([rowOf(3)]);
  await receives(subscription, "bms:2", "solar:7", "bms:3");
  assert.deepEqual(feed.status, { subscribers: 1, published: 4 });
});

test("a subscriber of a topic receives the meters whose names begin with it", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  const all = ["bms", "bms2", "solar"].map((meter) => rowOf(1, { meter }));
  feed.publish(all);
  const subscription = subscriberOf(t, endpoint, "bms");
  await receives(subscription, "bms:1", "bms2:1");
  feed.publish(all.map((reading) => ({ ...reading, seq: 2 })));
  await receives(subscription, "bms:1", "bms2:1", "bms:2", "bms2:2");
});

test("the latest readings of two sites are remembered under the same name of a meter", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  feed.publish([rowOf(1, { site: "shed" }), rowOf(2, { site: "boat" }), rowOf(3)]);
  const subscription = subscriberOf(t, endpoint, "bms");
  await receives(subscription, "bms:1", "bms:2", "bms:3");
  assert.deepEqual(
    subscription.readings.map(({ site }) => site),
    ["shed", "boat", undefined],
  );
});

test("late readings are published, and are not the latest", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  const earlierRun = rowOf(9, { run: "00112233445566ee", takenAt: rowOf(1).takenAt - 1 });
  const later = rowOf(2, { takenAt: rowOf(1).takenAt - 3_600_000 });
  feed.publish([rowOf(1), earlierRun]);
  await receives(subscriberOf(t, endpoint), "bms:1");
  // The clock of the agent was set back.
  feed.publish([later]);
  await receives(subscriberOf(t, endpoint), "bms:2");
});

test("a reading that is ahead of the clock gives way to one of the next run", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  const ahead = rowOf(9, { run: "00112233445566ee", takenAt: Date.UTC(2098) });
  feed.publish([ahead, rowOf(1)]);
  await receives(subscriberOf(t, endpoint), "bms:1");
});

test("a bounded number of meters is kept, those with the latest readings", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  feed.publish([rowOf(1, { meter: "first" }), rowOf(1, { meter: "second" })]);
  for (let i = 0; i < 1_022; i += 1) feed.publish([rowOf(1, { meter: `meter-${i}` })]);
  feed.publish([rowOf(2, { meter: "first" }), rowOf(1, { meter: "another" })]);
  const subscription = subscriberOf(t, endpoint);
  await until("all", () => subscription.readings.length >= 1_024);
  const meters = new Set(subscription.readings.map(({ meter }) => meter));
  assert.deepEqual([meters.size, meters.has("first"), meters.has("second")], [1_024, true, false]);
});

test("a flood of subscriptions ends its connection, and others receive little of it", async (t) => {
  const pauses: Array<() => void> = [];
  const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => void pauses.push(resolve)) };
  const { endpoint, feed, rejected } = await startFeed(t, { clock });
  feed.publish([rowOf(1)]);
  const other = subscriberOf(t, endpoint);
  await receives(other, "bms:1");
  const { socket, closed } = await rawSubscriber(t, endpoint);
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  // A socket without a connection takes no message.
  while (!isClosed) {
    for (const message of ["\x01b", "\x00b"]) await socket.send(Buffer.from(message)).catch(() => {});
    await nextTurn();
  }
  assert.equal(rejected[0], "feed messages");
  pauses.shift()?.();
  await receives(other, "bms:1", "bms:1");
  feed.publish([rowOf(2)]);
  await receives(other, "bms:1", "bms:1", "bms:2");
});

test("a message to the publisher is counted and has no effect", async (t) => {
  const { endpoint, feed, rejected } = await startFeed(t);
  const { socket } = await rawSubscriber(t, endpoint);
  await socket.send(Buffer.from("\x01"));
  await socket.send(Buffer.from("\x02restart"));
  await socket.send(Buffer.from(""));
  await until("both counted", () => rejected.length >= 2);
  assert.deepEqual(rejected, ["feed messages", "feed messages"]);
  const subscription = subscriberOf(t, endpoint);
  feed.publish([rowOf(1)]);
  await until("a reading", () => subscription.readings.length > 0);
  await socket.receive();
});

test("a subscription longer than any meter's name closes its connection", async (t) => {
  const { endpoint, rejected } = await startFeed(t);
  const { socket, closed } = await rawSubscriber(t, endpoint);
  await socket.send(Buffer.alloc(5_000, 1));
  await closed;
  assert.equal(rejected[0], "feed oversize");
});

test("bytes that are not ZeroMQ close the connection", async (t) => {
  const { endpoint, rejected } = await startFeed(t);
  const socket = connect(endpointPath(endpoint)).on("error", () => {});
  socket.write("GET /metrics HTTP/1.1\r\n\r\n");
  await once(socket.resume(), "close");
  assert.equal(rejected[0], "feed connection");
});

for (const [about, directoryMode, mode] of [
  ["whoever can enter its directory", 0o750, 0o666],
  ["its owner and the group where everybody can", 0o755, 0o660],
] as const) {
  test(`the socket is for ${about}, and is removed at the end`, async (t) => {
    const folder = await temporaryFolder(t);
    await chmod(folder, directoryMode);
    const endpoint = `ipc://${join(folder, "live.sock")}`;
    const feed = await openLiveFeed(endpoint, { onRejected: () => {}, clock: systemClock });
    assert.equal((await stat(endpointPath(endpoint))).mode & 0o777, mode);
    await feed.close();
    await assert.rejects(stat(endpointPath(endpoint)), /ENOENT/);
  });
}

test("a feed whose path is taken names its option", async (t) => {
  const path = join(await temporaryFolder(t), "live.sock");
  await writeFile(path, "precious");
  await assert.rejects(
    openLiveFeed(`ipc://${path}`, { onRejected: () => {}, clock: systemClock }),
    (error) => error instanceof EndpointError && /: remove it, or choose another --feed$/.test(error.message),
  );
});
