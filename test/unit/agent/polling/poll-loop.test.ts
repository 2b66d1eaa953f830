import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { type Poll, type SessionPlan, session } from "../../../../agent/polling/poll-loop.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { ADDRESS, badFrame, createFakeDevice, type FakeDevice, fakeDriver } from "../../../support/fake-device.ts";
import { fc } from "../../../support/property.ts";

/** A session of one device with everything on one virtual clock; `told` is what it has yielded so far. */
function scene(settings: { periodMs?: number; drivers?: readonly Driver[] } = {}) {
  const clock = virtualClock(1_700_000_000_000);
  const device = createFakeDevice(clock);
  const stop = new AbortController();
  const plan: SessionPlan = {
    address: ADDRESS,
    drivers: settings.drivers ?? [fakeDriver()],
    settings: {},
    periodMs: settings.periodMs ?? 1_000,
  };
  const polls = session(plan, { radio: device.radio, clock, random: () => 0.5 }, stop.signal);
  return { clock, device, stop, polls };
}

async function take(polls: AsyncGenerator<Poll>, count: number): Promise<Poll[]> {
  const taken: Poll[] = [];
  while (taken.length < count) {
    const { done, value } = await polls.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** `1` for an answer of one volt, else the fault, with `!` where the link is made anew. */
const brief = (poll: Poll) =>
  poll.ok ? poll.sample.volts : `${poll.error.fault}${poll.retryMs === undefined ? "" : "!"}`;

test("one link serves all polls, which come at a steady rate whatever the answers take", async () => {
  const { device, polls } = scene();
  const latencies = [100, 900, 20, 400];
  for (const latencyMs of latencies) {
    device.latencyMs = latencyMs;
    const [poll] = await take(polls, 1);
    assert.ok(poll?.ok);
    assert.equal(poll.latencyMs, latencyMs);
  }
  await polls.return(undefined);
  assert.deepEqual(device.askedAt, [50, 1_050, 2_050, 3_050]);
  assert.deepEqual(device.connectedAt, [50]);
  assert.equal(device.closedAt.length, 1);
});

test("an answer says when it was complete, over which link, and how strong the signal was", async () => {
  const { device, polls } = scene();
  device.rssi = -71;
  assert.deepEqual(await take(polls, 1), [
    {
      ok: true,
      driver: "fake",
      links: 1,
      sample: { volts: 1 },
      moment: 150,
      latencyMs: 100,
      rssi: -71,
    },
  ]);
  await polls.return(undefined);
});

test("an answer that takes longer than a period costs that period and no other", async () => {
  const { device, polls } = scene();
  device.latencyMs = 2_300;
  await take(polls, 1);
  device.latencyMs = 100;
  await take(polls, 2);
  await polls.return(undefined);
  assert.deepEqual(device.askedAt, [50, 3_050, 4_050]);
});

test("a fraction of a second is a period too", async () => {
  const { device, polls } = scene({ periodMs: 250 });
  await take(polls, 4);
  await polls.return(undefined);
  assert.deepEqual(device.askedAt, [50, 300, 550, 800]);
});

test("a link lost between two polls is told, made anew at once, and costs no poll", async () => {
  const { clock, device, polls } = scene({ periodMs: 10_000 });
  await take(polls, 1);
  const lost = take(polls, 2);
  await clock.sleep(3_000);
  device.cut();
  const [loss, answer] = await lost;
  assert.ok(loss && !loss.ok && answer?.ok);
  assert.equal(loss.error.fault, "disconnected");
  assert.equal(loss.asked, false);
  assert.equal(answer.links, 2);
  await polls.return(undefined);
  assert.deepEqual(device.askedAt, [50, 10_050]);
  assert.deepEqual(device.connectedAt, [50, 3_150 + 750 + 50]);
});

test("a link lost in the middle of a poll fails it; the same period is asked again over the next link", async () => {
  const { clock, device, polls } = scene({ periodMs: 10_000 });
  const taken = take(polls, 3);
  await clock.sleep(100);
  device.cut();
  assert.deepEqual((await taken).map(brief), ["disconnected!", 1, 2]);
  await polls.return(undefined);
  assert.deepEqual(device.askedAt, [50, 900, 10_050]);
});

test("a device that hangs in the middle of a poll costs a timeout and a fresh link", async () => {
  const { device, polls } = scene();
  device.readHangs = true;
  const [failure] = await take(polls, 1);
  assert.ok(failure && !failure.ok);
  assert.equal(failure.error.fault, "timeout");
  assert.match(failure.error.message, /A4:C1:37:00:00:01.*poll.*15 s/);
  device.readHangs = false;
  assert.deepEqual((await take(polls, 1)).map(brief), [1]);
  await polls.return(undefined);
  assert.equal(device.closedAt.length, 2);
});

test("a radio that hangs while connecting costs a timeout; a link that comes too late is given back", async () => {
  const { device, polls } = scene();
  device.connectHangs = true;
  assert.deepEqual((await take(polls, 1)).map(brief), ["timeout!"]);
  device.connectHangs = false;
  assert.deepEqual((await take(polls, 2)).map(brief), [1, 2]);
  await polls.return(undefined);
  assert.equal(device.connectedAt.length, 2);
  assert.equal(device.closedAt.length, 2);
});

test("a bad answer costs its poll; the third in a row costs the link", async () => {
  const bad = new Set([2, 3, 5, 6, 7]);
  let asked = 0;
  const poll = async () => {
    asked += 1;
    if (bad.has(asked)) throw badFrame();
    return { volts: asked };
  };
  const { device, polls } = scene({ drivers: [fakeDriver({ poll })] });
  const taken = await take(polls, 8);
  await polls.return(undefined);
  assert.deepEqual(taken.map(brief), [1, "checksum", "checksum", 4, "checksum", "checksum", "checksum!", 8]);
  assert.equal(device.connectedAt.length, 2);
});

test("the driver is chosen by the services found", async () => {
  const drivers = [fakeDriver({ name: "one", service: "aaaa" }), fakeDriver({ name: "two", service: "bbbb" })];
  const { device, polls } = scene({ drivers });
  device.services = ["180a", "bbbb"];
  const [poll] = await take(polls, 1);
  await polls.return(undefined);
  assert.equal(poll?.driver, "two");
});

for (const [about, services, message] of [
  ["none fits", ["180a", "fe59"], /offers 180a, fe59; no driver fits: choose with --driver one or two$/],
  ["two fit", ["aaaa", "bbbb"], /offers aaaa, bbbb; more than one driver fits: choose with --driver one or two$/],
  ["nothing is offered", [], /offers no services at all; no driver fits/],
] as const) {
  test(`the operator must choose the driver where ${about}`, async () => {
    const drivers = [fakeDriver({ name: "one", service: "aaaa" }), fakeDriver({ name: "two", service: "bbbb" })];
    const { device, polls } = scene({ drivers });
    device.services = [...services];
    const [poll] = await take(polls, 1);
    await polls.return(undefined);
    assert.ok(poll && !poll.ok);
    assert.equal(poll.error.fault, "unsupported");
    assert.match(poll.error.message, message);
    assert.equal(device.closedAt.length, 1);
  });
}

test("a driver that the operator named is believed, whatever the services", async () => {
  const { device, polls } = scene({ drivers: [fakeDriver({ service: "aaaa" })] });
  device.services = ["180a"];
  assert.deepEqual((await take(polls, 1)).map(brief), [1]);
  await polls.return(undefined);
});

test("a link that is idle for long is kept alive, by answers however bad", async () => {
  const keptAliveAt: number[] = [];
  const stage: { clock?: Clock } = {};
  const ask = async () => {
    keptAliveAt.push(stage.clock?.monotonic() ?? -1);
    throw badFrame();
  };
  const { clock, device, polls } = scene({
    periodMs: 20_000,
    drivers: [fakeDriver({ keepAlive: { afterMs: 6_000, send: ask } })],
  });
  stage.clock = clock;
  assert.deepEqual((await take(polls, 2)).map(brief), [1, 2]);
  await polls.return(undefined);
  assert.deepEqual(keptAliveAt, [6_150, 12_150, 18_150]);
  assert.deepEqual(device.askedAt, [50, 20_050]);
});

test("a link that fails while it is kept alive is a lost link", async () => {
  const ask = async () => {
    throw new RadioError("timeout", "no answer");
  };
  const { clock, polls } = scene({
    periodMs: 20_000,
    drivers: [fakeDriver({ keepAlive: { afterMs: 6_000, send: ask } })],
  });
  const [, loss] = await take(polls, 2);
  await polls.return(undefined);
  assert.ok(loss && !loss.ok && !loss.asked);
  assert.equal(clock.monotonic(), 6_150);
});

test("told to stop between two polls, it gives the device back and ends", async () => {
  const { clock, device, stop, polls } = scene();
  await take(polls, 1);
  const ending = polls.next();
  await clock.sleep(10);
  stop.abort();
  assert.deepEqual(await ending, { done: true, value: undefined });
  assert.equal(device.closedAt.length, 1);
  assert.ok(clock.monotonic() < 1_000);
});

test("told to stop in the middle of a poll, it still hands out the answer", async () => {
  const { clock, device, stop, polls } = scene();
  const answer = polls.next();
  await clock.sleep(100);
  stop.abort();
  assert.equal((await answer).done, false);
  assert.deepEqual(await polls.next(), { done: true, value: undefined });
  assert.equal(device.closedAt.length, 1);
});

for (const [about, hang] of [
  ["a poll", (device: FakeDevice) => Object.assign(device, { readHangs: true })],
  ["a connect", (device: FakeDevice) => Object.assign(device, { connectHangs: true })],
] as const) {
  test(`told to stop while ${about} hangs, it ends within 2 s`, async () => {
    const { clock, device, stop, polls } = scene();
    hang(device);
    const ending = polls.next();
    await clock.sleep(500);
    stop.abort();
    assert.equal((await ending).done, true);
    assert.ok(clock.monotonic() <= 2_500);
    device.connectHangs = false;
  });
}

test("told to stop while it waits to retry, it ends at once", async () => {
  const { clock, device, stop, polls } = scene();
  device.inRange = false;
  await take(polls, 1);
  const ending = polls.next();
  await clock.sleep(1);
  stop.abort();
  assert.equal((await ending).done, true);
  assert.ok(clock.monotonic() < 100);
});

test("what only the operator can mend is tried again ever more seldom from the first time", async () => {
  const { device, polls } = scene({ drivers: [fakeDriver({ name: "one" }), fakeDriver({ name: "two" })] });
  const failures = await take(polls, 4);
  await polls.return(undefined);
  const delays = failures.map((poll) => (poll.ok ? 0 : poll.retryMs));
  assert.deepEqual(delays, [1_500, 3_000, 6_000, 12_000]);
  assert.equal(device.closedAt.length, 4);
});

test("a mistake of ours is not taken for a fault of the device", async () => {
  const poll = async () => {
    throw new TypeError("undefined is not a function");
  };
  const { device, polls } = scene({ drivers: [fakeDriver({ poll })] });
  await assert.rejects(polls.next(), TypeError);
  assert.equal(device.closedAt.length, 1);
});

test("a device that was away is asked again within 2 s after a short loss, within 30 s after a long one", async () => {
  const away = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 3_600_000 }));
  await fc.assert(
    fc.asyncProperty(away, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), async (awayMs, jitter) => {
      const clock = virtualClock();
      const device = createFakeDevice(clock);
      const plan = { address: ADDRESS, drivers: [fakeDriver()], settings: {}, periodMs: 1_000 };
      const polls = session(plan, { radio: device.radio, clock, random: () => jitter }, new AbortController().signal);
      await take(polls, 1);
      device.inRange = false;
      device.cut();
      const back = clock.sleep(awayMs).then(() => {
        device.inRange = true;
        return clock.monotonic();
      });
      let poll = await polls.next();
      while (!poll.done && !poll.value.ok) poll = await polls.next();
      await polls.return(undefined);
      const tookMs = clock.monotonic() - (await back);
      assert.ok(tookMs <= (awayMs <= 5_000 ? 2_000 : 30_000), `${tookMs} ms`);
    }),
    { numRuns: 50 },
  );
});
