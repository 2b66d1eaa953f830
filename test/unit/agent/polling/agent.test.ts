import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { type AgentDeps, runAgent } from "../../../../agent/polling/agent.ts";
import type { Reading } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { createLog } from "../../../../common/runtime/log.ts";
import { ADDRESS, badFrame, createScriptedDevice, scriptedDriver } from "../../../support/scripted-device.ts";

const START_MS = 1_700_000_000_000;

/** An agent on a virtual clock, with its readings and log lines. */
function setUp(settings: { periodMs?: number; once?: boolean; driver?: Driver; site?: string } = {}) {
  const clock = virtualClock(START_MS);
  const device = createScriptedDevice(clock);
  const stop = new AbortController();
  const readings: Reading[] = [];
  const uptimes: number[] = [];
  const logged: string[] = [];
  const outbox = { backlog: 3, dropped: 2 };
  const plan = {
    address: ADDRESS,
    drivers: [settings.driver ?? scriptedDriver()],
    settings: {},
    periodMs: settings.periodMs ?? 10_000,
    ...(settings.site !== undefined && { site: settings.site }),
    meter: "bms",
    run: "0123456789abcdef",
    once: settings.once ?? false,
  };
  const log = createLog("info", {
    target: { format: "journal", write: (line: string) => logged.push(line.trimEnd()) },
  });
  const polls: string[] = [];
  const deps: AgentDeps = {
    radio: device.radio,
    clock,
    timekeeper: {
      momentOf: (monotonicMs) => ({ takenAt: START_MS + Math.round(monotonicMs), uptimeMs: monotonicMs + 0.25 }),
    },
    random: () => 0.5,
    outbox,
    log,
    onPoll: ({ kind }) => void polls.push(kind),
    onReading(reading, uptimeMs) {
      readings.push(reading);
      uptimes.push(uptimeMs);
    },
  };
  const ended = runAgent(plan, deps, stop.signal);
  return { clock, polls, device, stop, readings, uptimes, logged, ended };
}

const online = (readings: readonly Reading[]) => readings.map(({ sample }) => sample.online).join("");

test("every reading has the site of its agent", async () => {
  const { readings, ended } = setUp({ site: "shed", once: true });
  await ended;
  assert.deepEqual(
    readings.map(({ site, meter }) => [site, meter]),
    [["shed", "bms"]],
  );
});

test("an answer becomes a reading with device, time, run, sequence number and the agent's own health", async () => {
  const { clock, device, stop, readings, logged, ended } = setUp();
  device.rssi = -71;
  await clock.sleep(15_000);
  stop.abort();
  await ended;
  const who = { meter: "bms", device: ADDRESS, driver: "scripted", run: "0123456789abcdef" };
  const health = { online: 1, rssi: -71, latency: 100, failures: 0, torn: 0, reconnects: 0, backlog: 3, dropped: 2 };
  assert.deepEqual(readings, [
    { ...who, takenAt: START_MS + 150, seq: 1, sample: { volts: 1, ...health, polls: 1 } },
    { ...who, takenAt: START_MS + 10_150, seq: 2, sample: { volts: 2, ...health, polls: 2 } },
  ]);
  assert.deepEqual(logged, [`<6>connected to ${ADDRESS} (scripted), polling every 10 s`]);
});

test("polls are reported as they happen, unlike readings: while a connect hangs there is no progress", async () => {
  const { clock, device, stop, readings, polls, ended } = setUp();
  await clock.sleep(11_000);
  device.connectHangs = true;
  device.cut();
  await clock.sleep(45_000);
  assert.equal(online(readings), "110000");
  assert.deepEqual(polls, ["answer", "answer", "link-lost"]);
  device.connectHangs = false;
  stop.abort();
  await ended;
});

test("while the device is away there is one reading per period, with no quantity of the device", async () => {
  const { clock, device, stop, readings, ended } = setUp();
  await clock.sleep(11_000);
  device.inRange = false;
  device.cut();
  await clock.sleep(60_000);
  device.inRange = true;
  await clock.sleep(30_000);
  stop.abort();
  await ended;
  assert.match(online(readings), /^110{6,8}1{2,4}$/);
  const times = readings.filter(({ sample }) => sample.online === 0).map(({ takenAt }) => takenAt);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  assert.deepEqual(gaps.slice(1), Array(gaps.length - 1).fill(10_000));
  assert.deepEqual(readings[4]?.sample, {
    online: 0,
    polls: 5,
    failures: 3,
    torn: 0,
    reconnects: 0,
    backlog: 3,
    dropped: 2,
  });
  assert.equal(readings.at(-1)?.sample.reconnects, 1);
});

test("a device that stops answering is reported at the first failed poll, then once per period", async () => {
  const { clock, device, stop, readings, ended } = setUp({ periodMs: 1_000 });
  await clock.sleep(1_500);
  device.readHangs = true;
  await clock.sleep(30_000);
  stop.abort();
  await ended;
  const times = readings.filter(({ sample }) => sample.online === 0).map(({ takenAt }) => takenAt - START_MS);
  assert.deepEqual(times.slice(0, 4), [17_050, 18_050, 19_050, 20_050]);
});

test("a slow answer is not an absence", async () => {
  const { clock, device, stop, readings, ended } = setUp({ periodMs: 100 });
  device.latencyMs = 350;
  await clock.sleep(5_000);
  stop.abort();
  await ended;
  assert.match(online(readings), /^1{12,}$/);
});

test("a link lost and replaced between two polls costs no reading", async () => {
  const { clock, device, stop, readings, ended } = setUp();
  await clock.sleep(3_000);
  device.cut();
  await clock.sleep(20_000);
  stop.abort();
  await ended;
  assert.equal(online(readings), "111");
  assert.deepEqual(
    readings.map(({ sample }) => sample.reconnects),
    [0, 1, 1],
  );
});

test("a reading carries the moment of the answer, and without one that of the failure", async () => {
  const { clock, device, stop, readings, uptimes, ended } = setUp({ periodMs: 1_000 });
  await clock.sleep(1_500);
  device.inRange = false;
  device.cut();
  await clock.sleep(1_000);
  stop.abort();
  await ended;
  assert.deepEqual(
    readings.slice(0, 2).map(({ takenAt }) => takenAt - START_MS),
    [150, 1_150],
  );
  assert.equal(readings[2]?.sample.online, 0);
  assert.deepEqual(
    uptimes,
    readings.map(({ takenAt }) => takenAt - START_MS + 0.25),
  );
});

test("each change of state is logged once", async () => {
  const { clock, device, stop, logged, ended } = setUp();
  await clock.sleep(15_000);
  device.inRange = false;
  device.cut();
  await clock.sleep(600_000);
  device.inRange = true;
  await clock.sleep(30_000);
  stop.abort();
  await ended;
  assert.deepEqual(
    logged.map((line) => line.replace(/\d+(\.\d)? s$/, "N s")),
    [
      `<6>connected to ${ADDRESS} (scripted), polling every N s`,
      "<4>link lost, connecting again: the device went out of range; more of this is only counted, as reconnects",
      `<4>no answer: ${ADDRESS} was not found; is it switched on?; retrying in N s`,
      `<6>${ADDRESS} answers again after N s`,
    ],
  );
});

test("a link that is lost again and again without costing a poll is logged once", async () => {
  const { clock, device, stop, logged, readings, ended } = setUp();
  for (let minute = 0; minute < 5; minute++) {
    await clock.sleep(63_000);
    device.cut();
  }
  await clock.sleep(20_000);
  stop.abort();
  await ended;
  assert.match(online(readings), /^1{34}$/);
  assert.equal(readings.at(-1)?.sample.reconnects, 5);
  assert.equal(logged.length, 2);
});

test("bad answers become readings without quantities; the first is logged", async () => {
  let asked = 0;
  const poll = async () => {
    asked += 1;
    if (asked % 2 === 0) throw badFrame();
    return { volts: asked };
  };
  const { clock, stop, readings, logged, ended } = setUp({ driver: scriptedDriver({ poll }) });
  await clock.sleep(75_000);
  stop.abort();
  await ended;
  assert.equal(online(readings), "10101010");
  assert.equal(readings.at(-1)?.sample.failures, 4);
  assert.equal(logged.length, 2);
  assert.match(logged[1] ?? "", /^<4>poll failed: the sum is 1234.*only counted/);
});

test("with --once it ends after one poll and returns whether it was answered", async () => {
  const good = setUp({ once: true });
  assert.equal(await good.ended, true);
  assert.equal(online(good.readings), "1");
  assert.equal(good.device.closedAt.length, 1);
  assert.deepEqual(good.logged, [`<6>connected to ${ADDRESS} (scripted)`]);

  const bad = setUp({ once: true });
  bad.device.inRange = false;
  assert.equal(await bad.ended, false);
  assert.equal(online(bad.readings), "0");
});

test("torn values are counted apart and never replace the link, however many follow each other", async () => {
  const { clock, stop, readings, ended } = setUp({
    driver: scriptedDriver({ poll: () => Promise.reject(new FrameError("torn", "of two moments")) }),
  });
  await clock.sleep(65_000);
  stop.abort();
  await ended;
  const { torn, failures, reconnects } = readings.at(-1)?.sample ?? {};
  assert.deepEqual({ torn, failures, reconnects }, { torn: 7, failures: 7, reconnects: 0 });
});
