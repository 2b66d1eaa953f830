import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, virtualClock, withDeadline, within } from "../../../../common/runtime/clock.ts";

test("a virtual clock ends sleeps in the order of their times, without waiting", async () => {
  const clock = virtualClock(1_000_000);
  const woken: string[] = [];
  await Promise.all([
    clock.sleep(3_600_000).then(() => woken.push(`hour at ${clock.now()}`)),
    clock.sleep(20).then(() => woken.push(`first at ${clock.monotonic()}`)),
    clock.sleep(20).then(() => woken.push(`second at ${clock.monotonic()}`)),
  ]);
  assert.deepEqual(woken, ["first at 20", "second at 20", "hour at 4600000"]);
});

test("a sleep that begins after another counts from there", async () => {
  const clock = virtualClock();
  await clock.sleep(100);
  await clock.sleep(50);
  assert.equal(clock.monotonic(), 150);
});

for (const [name, clock] of [
  ["system", systemClock],
  ["virtual", virtualClock()],
] as const) {
  test(`${name} clock: an aborted sleep rejects with the reason, before or during it`, async () => {
    const reason = new Error("no longer needed");
    await assert.rejects(clock.sleep(60_000, AbortSignal.abort(reason)), reason);
    const later = new AbortController();
    const sleeping = clock.sleep(60_000, later.signal);
    later.abort(reason);
    await assert.rejects(sleeping, reason);
  });
}

test("a sleep until a moment that has passed ends at once, and Node does not warn of it", async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  await systemClock.sleep(-1.5);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(warnings, []);
});

test("withDeadline returns the outcome of work that ends in time", async () => {
  const clock = virtualClock();
  const late = () => new Error("late");
  assert.equal(await withDeadline(clock, 10, Promise.resolve(7), late), 7);
  await assert.rejects(withDeadline(clock, 10, Promise.reject(new Error("broken")), late), /broken/);
  assert.equal(clock.monotonic(), 0);
});

test("withDeadline rejects when work hangs", async () => {
  const clock = virtualClock();
  await assert.rejects(
    withDeadline(clock, 10, new Promise(() => {}), () => new Error("late")),
    /late/,
  );
  assert.equal(clock.monotonic(), 10);
});

test("within returns undefined when work hangs, and leaves no timer", async () => {
  const clock = virtualClock();
  assert.equal(await within(clock, 100, Promise.resolve(7)), 7);
  assert.equal(await within(clock, 100, new Promise(() => {})), undefined);
  await assert.rejects(within(clock, 100, Promise.reject(new Error("failed"))), /failed/);
  await clock.sleep(1);
  assert.equal(clock.monotonic(), 101);
});
