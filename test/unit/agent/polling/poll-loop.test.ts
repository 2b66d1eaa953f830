import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { type Poll, type PollPlan, pollLoop } from "../../../../agent/polling/poll-loop.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { fc } from "../../../support/property.ts";
import {
  ADDRESS,
  badFrame,
  createScriptedDevice,
  type ScriptedDevice,
  scriptedDriver,
} from "../../../support/scripted-device.ts";

/** A poll loop over a simulated device, both on one virtual clock. */
function setUp(settings: { periodMs?: number; drivers?: readonly Driver[] } = {}) {
  const clock = virtualClock(1_700_000_000_000);
  const device = createScriptedDevice(clock);
  const stop = new AbortController();
  const plan: PollPlan = {
    address: ADDRESS,
    drivers: settings.drivers ?? [scriptedDriver()],
    settings: {},
    periodMs: settings.periodMs ?? 1_000,
  };
  const polls = pollLoop(plan, { radio: device.radio, clock, random: () => 0.5 }, stop.signal);
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

/** `1` for an answer of one volt, else the fault, with `!` where the link is replaced. */
function brief(poll: Poll) {
  if (poll.kind === "answer") return poll.sample.volts;
  return poll.kind === "bad-answer" ? poll.error.fault : `${poll.error.fault}!`;
}

test("one link serves all polls at a steady rate, however long the answers take", async () => {
  const { device, polls } = setUp();
  const latencies = [100, 900, 20, 400];
  for (const latencyMs of latencies) {
    device.latencyMs = latencyMs;
    const [poll] = await take(polls, 1);
    assert.ok(poll?.kind === "answer");
    assert.equal(poll.latencyMs, latencyMs);
  }
  await polls.return(undefined);
  assert.deepEqual(device.requestedAt, [50, 1_050, 2_050, 3_050]);
  assert.deepEqual(device.connectedAt, [50]);
  assert.equal(device.closedAt.length, 1);
});

test("an answer carries its time, the number of links and the signal strength", async () => {
  const { device, polls } = setUp();
  device.rssi = -71;
  assert.deepEqual(await take(polls, 1), [
    {
      kind: "answer",
      driver: "scripted",
      links: 1,
      sample: { volts: 1 },
      answeredAtMs: 150,
      latencyMs: 100,
      rssi: -71,
    },
  ]);
  await polls.return(undefined);
});

test("an answer that takes longer than a period costs that period and no other", async () => {
  const { device, polls } = setUp();
  device.latencyMs = 2_300;
  await take(polls, 1);
  device.latencyMs = 100;
  await take(polls, 2);
  await polls.return(undefined);
  assert.deepEqual(device.requestedAt, [50, 3_050, 4_050]);
});

test("a period may be a fraction of a second", async () => {
  const { device, polls } = setUp({ periodMs: 250 });
  await take(polls, 4);
  await polls.return(undefined);
  assert.deepEqual(device.requestedAt, [50, 300, 550, 800]);
});

test("a link lost between two polls is reported, replaced at once, and costs no poll", async () => {
  const { clock, device, polls } = setUp({ periodMs: 10_000 });
  await take(polls, 1);
  const lost = take(polls, 2);
  await clock.sleep(3_000);
  device.cut();
  const [loss, answer] = await lost;
  assert.ok(loss?.kind === "link-lost");
  assert.equal(loss.error.fault, "disconnected");
  assert.ok(answer?.kind === "answer");
  assert.equal(answer.links, 2);
  await polls.return(undefined);
  assert.deepEqual(device.requestedAt, [50, 10_050]);
  assert.deepEqual(device.connectedAt, [50, 3_150 + 750 + 50]);
});

test("a link lost during a poll fails it; the same period is polled again over the next link", async () => {
  const { clock, device, polls } = setUp({ periodMs: 10_000 });
  const taken = take(polls, 3);
  await clock.sleep(100);
  device.cut();
  assert.deepEqual((await taken).map(brief), ["disconnected!", 1, 2]);
  await polls.return(undefined);
  assert.deepEqual(device.requestedAt, [50, 900, 10_050]);
});

test("a device that hangs during a poll costs a timeout and the link", async () => {
  const { device, polls } = setUp();
  device.readHangs = true;
  const [failure] = await take(polls, 1);
  assert.ok(failure?.kind === "away");
  assert.equal(failure.error.fault, "timeout");
  assert.match(failure.error.message, /A4:C1:37:00:00:01.*poll.*15 s/);
  device.readHangs = false;
  assert.deepEqual((await take(polls, 1)).map(brief), [1]);
  await polls.return(undefined);
  assert.equal(device.closedAt.length, 2);
});

test("a radio that hangs while connecting costs a timeout; a link that comes too late is closed", async () => {
  const { device, polls } = setUp();
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
  const { device, polls } = setUp({ drivers: [scriptedDriver({ poll })] });
  const taken = await take(polls, 8);
  await polls.return(undefined);
  assert.deepEqual(taken.map(brief), [1, "checksum", "checksum", 4, "checksum", "checksum", "checksum!", 8]);
  assert.equal(device.connectedAt.length, 2);
});

test("an impossible value is left out of its answer, and costs nothing else", async () => {
  const poll = async () => ({ volts: 12, amps: Number.NaN, cycles: 1.5, alarm: 2 ** 60, percent: 50 });
  const { polls } = setUp({ drivers: [scriptedDriver({ poll })] });
  const [answer] = await take(polls, 1);
  await polls.return(undefined);
  assert.ok(answer?.kind === "answer");
  assert.deepEqual(answer.sample, { volts: 12, percent: 50 });
  assert.deepEqual(answer.impossible, ["amps", "cycles", "alarm"]);
});

test("the driver is chosen by the services of the device", async () => {
  const drivers = [scriptedDriver({ name: "one", service: "aaaa" }), scriptedDriver({ name: "two", service: "bbbb" })];
  const { device, polls } = setUp({ drivers });
  device.services = ["180a", "bbbb"];
  const [poll] = await take(polls, 1);
  await polls.return(undefined);
  assert.equal(poll?.driver, "two");
});

for (const [about, services, message] of [
  ["none fits", ["180a", "fe59"], /offers 180a, fe59; no driver fits: choose with --driver one or two$/],
  ["nothing is offered", [], /offers no services at all; no driver fits/],
] as const) {
  test(`the operator must choose the driver if ${about}`, async () => {
    const drivers = [
      scriptedDriver({ name: "one", service: "aaaa" }),
      scriptedDriver({ name: "two", service: "bbbb" }),
    ];
    const { device, polls } = setUp({ drivers });
    device.services = [...services];
    const [poll] = await take(polls, 1);
    await polls.return(undefined);
    assert.ok(poll?.kind === "away");
    assert.equal(poll.error.fault, "unsupported");
    assert.match(poll.error.message, message);
    assert.equal(device.closedAt.length, 1);
  });
}

test("a driver named by the operator is used, whatever the services", async () => {
  const { device, polls } = setUp({ drivers: [scriptedDriver({ service: "aaaa" })] });
  device.services = ["180a"];
  assert.deepEqual((await take(polls, 1)).map(brief), [1]);
  await polls.return(undefined);
});

test("a link is idle between polls until one was lost there; the next are kept alive, even by malformed replies", async () => {
  const keptAliveAt: number[] = [];
  const shared: { clock?: Clock } = {};
  const ask = async () => {
    keptAliveAt.push(shared.clock?.monotonic() ?? -1);
    throw badFrame();
  };
  const { clock, device, polls } = setUp({
    periodMs: 20_000,
    drivers: [scriptedDriver({ keepAlive: { afterMs: 6_000, send: ask } })],
  });
  shared.clock = clock;
  assert.deepEqual((await take(polls, 2)).map(brief), [1, 2]);
  assert.deepEqual(keptAliveAt, []);
  const lost = take(polls, 2);
  await clock.sleep(10_000);
  device.cut();
  assert.deepEqual((await lost).map(brief), ["disconnected!", 3]);
  assert.deepEqual(keptAliveAt, [36_950]);
  assert.deepEqual((await take(polls, 1)).map(brief), [4]);
  await polls.return(undefined);
  assert.deepEqual(keptAliveAt, [36_950, 46_150, 52_150, 58_150]);
  assert.deepEqual(device.requestedAt, [50, 20_050, 40_050, 60_050]);
});

test("a link whose keep-alive fails is lost", async () => {
  const ask = async () => {
    throw new RadioError("timeout", "no answer");
  };
  const { clock, device, polls } = setUp({
    periodMs: 20_000,
    drivers: [scriptedDriver({ keepAlive: { afterMs: 6_000, send: ask } })],
  });
  await take(polls, 1);
  const losses = take(polls, 2);
  await clock.sleep(1_000);
  device.cut();
  const [, loss] = await losses;
  await polls.return(undefined);
  assert.ok(loss?.kind === "link-lost");
  assert.equal(loss.error.fault, "timeout");
  assert.equal(clock.monotonic(), 7_950);
});

test("stopped between two polls, it closes the link and ends", async () => {
  const { clock, device, stop, polls } = setUp();
  await take(polls, 1);
  const ending = polls.next();
  await clock.sleep(10);
  stop.abort();
  assert.deepEqual(await ending, { done: true, value: undefined });
  assert.equal(device.closedAt.length, 1);
  assert.ok(clock.monotonic() < 1_000);
});

test("stopped during a poll, it still yields the answer", async () => {
  const { clock, device, stop, polls } = setUp();
  const answer = polls.next();
  await clock.sleep(100);
  stop.abort();
  assert.equal((await answer).done, false);
  assert.deepEqual(await polls.next(), { done: true, value: undefined });
  assert.equal(device.closedAt.length, 1);
});

for (const [about, hang] of [
  ["a poll", (device: ScriptedDevice) => Object.assign(device, { readHangs: true })],
  ["a connect", (device: ScriptedDevice) => Object.assign(device, { connectHangs: true })],
] as const) {
  test(`stopped while ${about} hangs, it ends within 2 s`, async () => {
    const { clock, device, stop, polls } = setUp();
    hang(device);
    const ending = polls.next();
    await clock.sleep(500);
    stop.abort();
    assert.equal((await ending).done, true);
    assert.ok(clock.monotonic() <= 2_500);
    device.connectHangs = false;
  });
}

test("stopped while waiting to reconnect, it ends at once", async () => {
  const { clock, device, stop, polls } = setUp();
  device.inRange = false;
  await take(polls, 1);
  const ending = polls.next();
  await clock.sleep(1);
  stop.abort();
  assert.equal((await ending).done, true);
  assert.ok(clock.monotonic() < 100);
});

test("faults that only the operator can repair are retried with growing delays from the first time", async () => {
  const { device, polls } = setUp({
    drivers: [scriptedDriver({ name: "one", service: "aaaa" }), scriptedDriver({ name: "two", service: "bbbb" })],
  });
  const failures = await take(polls, 4);
  await polls.return(undefined);
  const delays = failures.map((poll) => (poll.kind === "away" ? poll.retryMs : 0));
  assert.deepEqual(delays, [1_500, 3_000, 6_000, 12_000]);
  assert.equal(device.closedAt.length, 4);
});

test("a programming error is not taken for a fault of the device", async () => {
  const poll = async () => {
    throw new TypeError("undefined is not a function");
  };
  const { device, polls } = setUp({ drivers: [scriptedDriver({ poll })] });
  await assert.rejects(polls.next(), TypeError);
  assert.equal(device.closedAt.length, 1);
});

test("a device that returns is polled within 2 s after a short absence, within 30 s after a long one", async () => {
  const away = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 3_600_000 }));
  await fc.assert(
    fc.asyncProperty(away, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), async (awayMs, jitter) => {
      const clock = virtualClock();
      const device = createScriptedDevice(clock);
      const plan = { address: ADDRESS, drivers: [scriptedDriver()], settings: {}, periodMs: 1_000 };
      const polls = pollLoop(plan, { radio: device.radio, clock, random: () => jitter }, new AbortController().signal);
      await take(polls, 1);
      device.inRange = false;
      device.cut();
      const back = clock.sleep(awayMs).then(() => {
        device.inRange = true;
        return clock.monotonic();
      });
      let poll = await polls.next();
      while (!poll.done && poll.value.kind !== "answer") poll = await polls.next();
      await polls.return(undefined);
      const tookMs = clock.monotonic() - (await back);
      assert.ok(tookMs <= (awayMs <= 5_000 ? 2_000 : 30_000), `${tookMs} ms`);
    }),
    { numRuns: 50 },
  );
});
