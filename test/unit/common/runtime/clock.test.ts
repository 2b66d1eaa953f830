import assert from "node:assert/strict";
import { uptime } from "node:os";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { systemClock, uptimeClock, virtualClock, withDeadline, within } from "../../../../common/runtime/clock.ts";

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

for (const [name, clock] of [
  ["system", systemClock],
  ["virtual", virtualClock()],
] as const) {
  test(`${name} clock: a timer calls once, unless it is cancelled before`, async () => {
    const called: string[] = [];
    clock.timer(-1, () => called.push("past"));
    clock.timer(0, () => called.push("now"));
    const cancels = [clock.timer(0, () => called.push("never")), clock.timer(1, () => called.push("never"))];
    for (const cancel of cancels) cancel();
    // On a slow machine the timer ends before the turn in which the others are due.
    await new Promise<void>((resolve) => clock.timer(3, () => clock.timer(0, resolve)));
    assert.deepEqual(called, ["past", "now"]);
  });
}

test("a timer that is due at once waits for what has arrived, and for no timer of Node", async () => {
  const order: string[] = [];
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      port2.on("message", () => order.push("arrived"));
      port1.postMessage("");
      setTimeout(() => {
        order.push("timer");
        resolve();
      }, 1);
      systemClock.timer(0, () => order.push("due"));
    }, 0);
  });
  port1.close();
  assert.deepEqual(order, ["arrived", "due", "timer"]);
});

test("a sleep until a moment that has passed ends at once, and Node does not warn of it", async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  await systemClock.sleep(-1.5);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(warnings, []);
});

test("the uptime is that of the machine, and as fine as the monotonic clock", () => {
  const [from, monotonicFrom] = [systemClock.uptime(), systemClock.monotonic()];
  let [to, monotonicTo] = [systemClock.uptime(), systemClock.monotonic()];
  while (monotonicTo - monotonicFrom < 2) [to, monotonicTo] = [systemClock.uptime(), systemClock.monotonic()];
  assert.ok(to > from && (to - from) % 1 !== 0, `${from} … ${to}`);
  assert.ok(systemClock.uptime() > uptime() * 1000 - 1_100);
});

test("the uptime includes the machine's sleep, is fine between two of them, and never goes back", () => {
  const machine = { awakeMs: 5_000.25, asleepMs: 0 };
  // To the second, as Node reads it where /proc/uptime is hidden.
  const coarse = () => Math.floor((machine.awakeMs + machine.asleepMs) / 1_000) * 1_000;
  const uptimeMs = uptimeClock(() => machine.awakeMs, coarse);
  assert.equal(uptimeMs(), 5_000.25);
  let last = 0;
  for (let i = 0; i < 4_000; i += 1) {
    machine.awakeMs += 0.5;
    assert.equal(uptimeMs(), machine.awakeMs, "without sleep nothing of the coarse clock is seen");
    last = uptimeMs();
  }
  machine.asleepMs = 3_600_000;
  assert.ok(Math.abs(uptimeMs() - (machine.awakeMs + machine.asleepMs)) <= 1_000);
  const atWake = uptimeMs();
  machine.awakeMs += 250.5;
  assert.equal(uptimeMs() - atWake, 250.5);
  assert.ok(atWake > last);
});

test("the uptime of a container, which is less than the machine's, is ignored", () => {
  const uptimeMs = uptimeClock(
    () => 1_000_000,
    () => 7_000,
  );
  assert.equal(uptimeMs(), 1_000_000);
});

test("a pause of the process between the readings of two clocks is not taken for sleep", () => {
  let now = 0;
  const uptimeMs = uptimeClock(
    () => now,
    () => {
      const seen = now;
      now += 60_000;
      return seen;
    },
  );
  assert.equal(uptimeMs(), 60_000);
  assert.equal(uptimeMs(), 120_000);
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
