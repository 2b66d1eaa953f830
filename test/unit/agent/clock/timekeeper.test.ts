import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ClockEvidence } from "../../../../agent/clock/clock-state.ts";
import { createTimekeeper } from "../../../../agent/clock/timekeeper.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Log } from "../../../../common/runtime/log.ts";

const START = 1_700_000_000_000;
const HOUR = 3_600_000;
const TEN_YEARS = 10 * 365.25 * 24 * HOUR;

/** A timekeeper on a machine whose clock the test sets and whose outbox sends at once, unless it holds or is `away`. */
function setUp(t: TestContext, { maxWaitMs = 120_000, isSynchronised = false, uptimeMs = 0, errorMs = 0 } = {}) {
  const steady = virtualClock(START);
  const world = { errorMs, isSynchronised, asleepMs: 0, questions: 0, looks: 0, away: false };
  const uptime = () => uptimeMs + steady.uptime() + world.asleepMs;
  const now = () => {
    world.looks += 1;
    return START - uptimeMs + uptime() + world.errorMs;
  };
  const clock = { ...steady, uptime, now };
  const readings: { item: string; takenAt: number; uptimeMs: number; sent: boolean }[] = [];
  let isHolding = false;
  const send = () => {
    if (!isHolding && !world.away) for (const reading of readings) reading.sent = true;
  };
  const outbox = {
    get backlog() {
      return readings.filter(({ sent }) => !sent).length;
    },
    hold: () => {
      isHolding = true;
    },
    correctTimes(offsetMs: number) {
      isHolding = false;
      for (const each of readings) if (!each.sent) each.takenAt = Math.round(each.uptimeMs + offsetMs);
      send();
    },
  };
  const readEvidence = async (): Promise<ClockEvidence> => {
    world.questions += 1;
    const { isSynchronised } = world;
    return { wallMs: clock.now(), uptimeMs: uptime(), isSynchronised, isMarked: false, rtcMs: undefined };
  };
  const logged: string[] = [];
  const log: Log = {
    error: (line) => logged.push(`error: ${line}`),
    warn: (line) => logged.push(`warn: ${line}`),
    info: (line) => logged.push(line),
    debug: () => {},
  };
  const timekeeper = createTimekeeper({ maxWaitMs }, { clock, readEvidence, outbox, log });
  const stop = new AbortController();
  const watching = timekeeper.watch(stop.signal);
  t.after(() => {
    stop.abort();
    return watching;
  });
  return {
    clock,
    world,
    timekeeper,
    logged,
    put(item: string, monotonicMs = clock.monotonic()) {
      readings.push({ item, ...timekeeper.momentOf(monotonicMs), sent: false });
      send();
    },
    /** Since START; `…` while it is not sent. */
    times: () => readings.map(({ item, takenAt, sent }) => `${item} ${sent ? takenAt - START : "…"}`),
  };
}

test("while the clock is confirmed a reading is sent at once, and nobody asks again", async (t) => {
  const { clock, world, timekeeper, put, times, logged } = setUp(t, { isSynchronised: true });
  await clock.sleep(1);
  put("a");
  put("b", clock.monotonic() - 0.4);
  await clock.sleep(600_000);
  put("c");
  assert.deepEqual(times(), ["a 1", "b 2", "c 600001"], "rising, also within a millisecond");
  assert.deepEqual([timekeeper.state, world.questions, logged], ["confirmed", 1, []]);
});

test("before the clock is set readings are held, and then get the times at which they were taken", async (t) => {
  const { clock, world, timekeeper, put, times, logged } = setUp(t, { errorMs: -TEN_YEARS / 10 });
  put("a");
  await clock.sleep(10_000);
  put("b");
  assert.deepEqual([times(), timekeeper.state], [["a …", "b …"], "waiting"]);
  world.errorMs = 0;
  await clock.sleep(2_500);
  assert.deepEqual(times(), ["a …", "b …"], "a clock that was set is not confirmed yet");
  world.isSynchronised = true;
  await clock.sleep(2_001);
  put("c");
  assert.deepEqual(times(), ["a 0", "b 10000", "c 14501"]);
  assert.deepEqual(logged, [
    "the clock is not set yet: readings are held until it is, at most until two minutes after boot",
    "the clock was set forward by 365.3 days: readings that are not sent yet get the new time",
    "the clock is confirmed",
  ]);
});

test("two minutes after boot a clock that nothing confirms is used, which is logged once, and its confirmation too", async (t) => {
  const { clock, world, timekeeper, put, times, logged } = setUp(t, { uptimeMs: 100_000 });
  put("a");
  await clock.sleep(19_000);
  assert.deepEqual(times(), ["a …"]);
  await clock.sleep(3_000);
  assert.deepEqual([times(), timekeeper.state], [["a 0"], "unconfirmed"]);
  await clock.sleep(600_000);
  world.isSynchronised = true;
  await clock.sleep(62_000);
  assert.equal(timekeeper.state, "confirmed");
  assert.deepEqual(logged.slice(1), [
    "warn: nothing confirms that the clock is right (2023-11-14): connect the network, or sudo timedatectl set-ntp true",
    "the clock is confirmed",
  ]);
});

test("where nobody here can set the clock nothing waits for it, and nothing is logged", async (t) => {
  const { clock, timekeeper, put, times, logged } = setUp(t, { maxWaitMs: 0 });
  put("a");
  await clock.sleep(1);
  assert.deepEqual([times(), timekeeper.state, logged], [["a 0"], "unconfirmed", []]);
});

test("no reading is sent while the clock shows a time before 2020, however long", async (t) => {
  const { clock, world, timekeeper, put, times, logged } = setUp(t, { uptimeMs: HOUR, errorMs: 5_000 - START });
  put("a");
  await clock.sleep(10 * HOUR);
  assert.deepEqual([times(), timekeeper.state], [["a …"], "impossible"]);
  timekeeper.giveUpWaiting();
  assert.deepEqual(times(), ["a …"], "also when the agent stops");
  world.errorMs = 0;
  await clock.sleep(2_001);
  assert.deepEqual(times(), ["a 0"]);
  assert.match(
    logged[0] ?? "",
    /^warn: the clock shows 1970-01-01: readings are held until it is set; sudo timedatectl/,
  );
});

test("a clock that is set to an impossible time stops sending at the next reading", async (t) => {
  const { clock, world, put, times } = setUp(t, { isSynchronised: true });
  await clock.sleep(1_000);
  put("a");
  await clock.sleep(999);
  world.errorMs = -START;
  put("b");
  await clock.sleep(1);
  world.errorMs = 0;
  put("c");
  await clock.sleep(5_000);
  assert.deepEqual(times(), ["a 1000", "b 1999", "c 2000"]);
});

test("after the clock is set back no reading gets the millisecond of an earlier one", async (t) => {
  const { clock, world, put, times } = setUp(t, { isSynchronised: true });
  const errors: number[] = [];
  for (let poll = 0; poll < 80; poll += 1) {
    if (poll === 40) world.errorMs = -5_000;
    await clock.sleep(200);
    put(String(poll));
    const takenAt = Number(times()[poll]?.split(" ")[1]);
    errors.push(takenAt - (clock.now() - START));
  }
  assert.equal(new Set(times().map((each) => each.split(" ")[1])).size, 80);
  assert.deepEqual([Math.min(...errors), Math.max(...errors)], [0, 1]);
});

/** A change of the wall clock between b and c, ms; c and d are taken 500 ms apart. */
const CHANGES: readonly [about: string, errorMs: number, expected: readonly number[]][] = [
  ["goes on", 0, [1_000, 1_500, 2_000, 2_500]],
  ["is set forward by ten years", TEN_YEARS, [1_000, 1_500, TEN_YEARS + 2_000, TEN_YEARS + 2_500]],
  ["is set back by 5 s", -5_000, [1_000, 1_500, -3_000, -2_500]],
  ["is set back by an hour", -HOUR, [1_000, 1_500, 2_000 - HOUR, 2_500 - HOUR]],
  ["is set back by less than a period", -300, [1_000, 1_500, 1_700, 2_200]],
  ["is set back by less than a step", -1_000, [1_000, 1_500, 1_501, 1_502]],
];

for (const [about, errorMs, expected] of CHANGES) {
  test(`times of a clock that ${about} keep their true distances, and rise within small changes`, async (t) => {
    const { clock, world, put, times } = setUp(t, { isSynchronised: true });
    await clock.sleep(1_000);
    put("a");
    await clock.sleep(500);
    put("b");
    await clock.sleep(400);
    world.errorMs = errorMs;
    await clock.sleep(100);
    put("c");
    await clock.sleep(500);
    put("d");
    assert.deepEqual(
      times(),
      expected.map((time, i) => `${"abcd"[i]} ${time}`),
    );
  });
}

test("a step corrects what was taken in the wrong time and is not sent, and nothing else", async (t) => {
  const { clock, world, put, times, logged } = setUp(t, { isSynchronised: true, uptimeMs: HOUR, errorMs: TEN_YEARS });
  await clock.sleep(1_000);
  put("a");
  world.away = true;
  await clock.sleep(1_000);
  put("b");
  await clock.sleep(1_000);
  world.errorMs = 0;
  world.isSynchronised = false;
  await clock.sleep(2_001);
  world.away = false;
  put("c");
  assert.deepEqual(times(), [`a ${TEN_YEARS + 1_000}`, "b 2000", "c 5001"]);
  assert.match(
    logged[0] ?? "",
    /^warn: the clock was set back by 10 years: readings that are not sent yet get the new time$/,
  );
});

test("while no reading waits the clock is looked at once a minute, and a step of it is noticed", async (t) => {
  const { clock, world, timekeeper, put } = setUp(t, { isSynchronised: true, uptimeMs: HOUR });
  await clock.sleep(1_000);
  put("a");
  await clock.sleep(10_000);
  const looked = world.looks;
  await clock.sleep(600_000);
  assert.ok(world.looks - looked <= 10, `${world.looks - looked} looks in ten minutes`);
  world.errorMs = HOUR;
  world.isSynchronised = false;
  await clock.sleep(66_000);
  assert.equal(timekeeper.state, "unconfirmed");
});

test("a clock that was confirmed is asked about again after a step", async (t) => {
  const { clock, world, timekeeper, put } = setUp(t, { isSynchronised: true, uptimeMs: HOUR });
  await clock.sleep(10_000);
  world.errorMs = HOUR;
  world.isSynchronised = false;
  put("a");
  await clock.sleep(2_001);
  assert.equal(timekeeper.state, "unconfirmed");
});

test("a sleep of the machine is no step: readings before and after it keep their times", async (t) => {
  const { clock, world, put, times, logged } = setUp(t, { isSynchronised: true });
  world.away = true;
  await clock.sleep(1_000);
  put("a");
  world.asleepMs = HOUR;
  await clock.sleep(1_000);
  world.away = false;
  put("b");
  assert.deepEqual(times(), ["a 1000", `b ${HOUR + 2_000}`]);
  assert.deepEqual(logged, []);
});

test("an agent that ends before the clock is set gives its readings the time of the clock", async (t) => {
  const { clock, timekeeper, put, times } = setUp(t);
  put("a");
  await clock.sleep(500);
  timekeeper.giveUpWaiting();
  put("b");
  assert.deepEqual(times(), ["a 0", "b 500"]);
});
