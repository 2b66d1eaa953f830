import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { test } from "node:test";
import { createWaitQueue, joinQueue } from "../../../../../agent/radio/sharing/wait-queue.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";

const never = new AbortController().signal;

test("waiters are ranked by the length of their waits, earlier waits elsewhere included", async () => {
  const queue = createWaitQueue(systemClock);
  const path = `\0bms-test-${randomUUID()}`;
  const server = createServer(queue.add).listen({ path });
  const waiters = [];
  for (const waitedMs of [10_000, 30_000, 20_000]) {
    const waiter = await joinQueue(path, waitedMs, systemClock);
    assert.ok(waiter);
    assert.equal(await waiter.isAcknowledged(5_000), true);
    waiters.push(waiter);
  }
  server.close();
  queue.release();
  assert.deepEqual(await Promise.all(waiters.map((waiter) => waiter.released(5_000, never))), [2, 0, 1]);
});

test("there is no queue to join where nothing listens", async () => {
  assert.equal(await joinQueue(`\0bms-test-${randomUUID()}`, 0, systemClock), undefined);
});

test("a holder that accepts a connection and does not acknowledge it counts as frozen", async () => {
  const path = `\0bms-test-${randomUUID()}`;
  const server = createServer().listen({ path });
  const waiter = await joinQueue(path, 0, systemClock);
  assert.ok(waiter);
  assert.equal(await waiter.isAcknowledged(10), false);
  assert.equal(await waiter.released(10, never), undefined);
  waiter.socket.destroy();
  server.close();
});
