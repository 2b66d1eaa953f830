import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { watchOverdue } from "../../../../common/runtime/overdue.ts";

function setUp(t: TestContext) {
  const clock = virtualClock();
  const stop = new AbortController();
  t.after(() => stop.abort());
  const job = { isPending: false };
  const overdueAt: number[] = [];
  const watch = watchOverdue(
    {
      limitMs: 1_000,
      isPending: () => job.isPending,
      onOverdue: () => void overdueAt.push(clock.monotonic()),
    },
    { clock, signal: stop.signal },
  );
  const set = (isPending: boolean) => {
    job.isPending = isPending;
    watch.check();
  };
  return { clock, stop, watch, set, overdueAt };
}

test("a condition that lasts is overdue after each time limit", async (t) => {
  const { clock, set, overdueAt } = setUp(t);
  set(true);
  await clock.sleep(500);
  set(true);
  await clock.sleep(2_000);
  assert.deepEqual(overdueAt, [1_000, 2_000]);
});

test("a condition that ends in time is not overdue, and begins anew", async (t) => {
  const { clock, set, overdueAt } = setUp(t);
  set(true);
  await clock.sleep(999);
  set(false);
  await clock.sleep(10);
  set(true);
  await clock.sleep(999);
  assert.deepEqual(overdueAt, []);
  await clock.sleep(2);
  assert.deepEqual(overdueAt, [2_009]);
});

test("progress restarts the time limit", async (t) => {
  const { clock, set, watch, overdueAt } = setUp(t);
  set(true);
  for (let i = 0; i < 5; i++) {
    await clock.sleep(900);
    watch.progress();
  }
  assert.deepEqual(overdueAt, []);
});

test("nothing is overdue once the signal has aborted", async (t) => {
  const { clock, stop, set, overdueAt } = setUp(t);
  set(true);
  stop.abort();
  await clock.sleep(5_000);
  assert.deepEqual(overdueAt, []);
});
