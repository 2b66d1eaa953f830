import assert from "node:assert/strict";
import { test } from "node:test";
import { createNotificationQueue } from "../../../../agent/radio/notification-queue.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("notifications that have arrived are returned in order and without waiting", async () => {
  const clock = virtualClock();
  const queue = createNotificationQueue(clock);
  queue.push(bytes(1));
  queue.push(bytes(2));
  assert.deepEqual([await queue.next(500), await queue.next(500)], [bytes(1), bytes(2)]);
  assert.equal(clock.monotonic(), 0);
});

test("next waits for a notification until its deadline", async () => {
  const clock = virtualClock();
  const queue = createNotificationQueue(clock);
  const waiting = queue.next(500);
  await clock.sleep(100);
  queue.push(bytes(1));
  assert.deepEqual(await waiting, bytes(1));
  assert.equal(clock.monotonic(), 100);
  assert.equal(await queue.next(500), undefined);
  assert.equal(clock.monotonic(), 600);
});

test("a notification after the deadline is left to the next call, though a suspended process finds both due", async () => {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    uptime: () => now,
    timer: () => () => {},
    sleep: () => new Promise(() => {}),
  };
  const queue = createNotificationQueue(clock);
  const waiting = queue.next(500);
  now = 900;
  queue.push(bytes(1));
  assert.equal(await waiting, undefined);
  assert.deepEqual(await queue.next(500), bytes(1));
});

test("the end of the link ends the wait, after the notifications that arrived before it", async () => {
  const clock = virtualClock();
  const lost = new RadioError("disconnected", "out of range");
  const queue = createNotificationQueue(clock);
  queue.push(bytes(1));
  queue.end(lost);
  assert.deepEqual(await queue.next(500), bytes(1));
  await assert.rejects(queue.next(500), lost);

  const waiting = createNotificationQueue(clock);
  const asked = waiting.next(500);
  waiting.end(lost);
  await assert.rejects(asked, lost);
});

test("what has arrived is discarded at once, however many, and what arrives later is not", async () => {
  const queue = createNotificationQueue(virtualClock());
  for (let i = 0; i < 5_000; i++) queue.push(bytes(1));
  queue.clear();
  queue.push(bytes(2));
  assert.deepEqual([await queue.next(0), await queue.next(0)], [bytes(2), undefined]);
});

test("the latest thousand notifications are kept", async () => {
  const queue = createNotificationQueue(virtualClock());
  for (let i = 0; i < 1_003; i++) queue.push(Uint8Array.of(i & 0xff, i >> 8));
  assert.deepEqual(await queue.next(0), Uint8Array.of(3, 0));
});
