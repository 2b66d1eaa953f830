import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { abortedAfter, firstAborted, orAborted } from "../../../../common/runtime/abort.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";

const reason = new Error("enough");
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("the first of several signals decides, with its reason", () => {
  const [slow, fast] = [new AbortController(), new AbortController()];
  const { signal } = firstAborted(slow.signal, fast.signal);
  assert.equal(signal.aborted, false);
  fast.abort(reason);
  slow.abort(new Error("too late"));
  assert.equal(signal.reason, reason);
  assert.equal(firstAborted(new AbortController().signal, AbortSignal.abort(reason)).signal.reason, reason);
});

test("a signal follows another after a delay, even if its source has aborted before", async () => {
  for (const abortFirst of [true, false]) {
    const clock = virtualClock();
    const source = new AbortController();
    if (abortFirst) source.abort(reason);
    const { signal } = abortedAfter(source.signal, 100, clock);
    if (!abortFirst) source.abort(reason);
    await clock.sleep(99);
    assert.equal(signal.aborted, false);
    await clock.sleep(2);
    assert.equal(signal.reason, reason);
  }
});

test("a released signal has no listener on its sources and does not abort", async () => {
  const clock = virtualClock();
  const source = new AbortController();
  const derived = [firstAborted(source.signal), abortedAfter(source.signal, 100, clock)];
  for (const { release } of derived) release();
  assert.equal(listeners(source.signal), 0);
  source.abort(reason);
  await clock.sleep(200);
  assert.deepEqual(
    derived.map(({ signal }) => signal.aborted),
    [false, false],
  );
});

test("work is abandoned when the signal aborts, before or during it", async () => {
  const hanging = new Promise(() => {});
  await assert.rejects(orAborted(AbortSignal.abort(reason), hanging), reason);
  const later = new AbortController();
  const waiting = orAborted(later.signal, hanging);
  later.abort(reason);
  await assert.rejects(waiting, reason);
});

test("work that ends in time passes its outcome on and leaves no listener", async () => {
  const never = new AbortController().signal;
  assert.equal(await orAborted(never, Promise.resolve(7)), 7);
  await assert.rejects(orAborted(never, Promise.reject(reason)), reason);
  assert.equal(listeners(never), 0);
});
