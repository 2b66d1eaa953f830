import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading, Sample } from "../../../../common/model/reading.ts";
import { readingOf } from "../../../support/reading.ts";
import { houseAt, readingAt, START } from "./house-at.ts";

const PERIOD = 10_000;
const ON: Sample = { volts: 13.3, amps: 5, online: 1 };
const OFF: Sample = { online: 0, failures: 3 };
const OTHER_RUN = "ffffffffffffffff";
const OTHER_DEVICE = "A4:C1:37:00:00:02";

/** Times are seconds since the start. */
function setUp() {
  const { house, now, at, setWallClock } = houseAt();
  return {
    house,
    at,
    setWallClock,
    reading: (seq: number, atS: number, sample: Sample = ON, changed: Partial<Reading> = {}) =>
      readingAt(seq, atS, sample, changed),
    /** Readings `from` to `to` arrive one per period, as they are taken. */
    run(from: number, to: number, sample: Sample = ON, changed: Partial<Reading> = {}) {
      for (let seq = from; seq <= to; seq += 1) {
        at((seq * PERIOD) / 1000);
        house.receive(readingOf(seq, { sample, takenAt: now(), ...changed }));
      }
    },
    /** State and begin of it, seconds since the start. */
    state() {
      const [meter] = house.meters();
      return meter && ([meter.state, (meter.since - START) / 1000] as const);
    },
    feedState() {
      const { state, since } = house.feed();
      return [state, (since - START) / 1000] as const;
    },
    onlyMeter() {
      const meters = house.meters();
      assert.equal(meters.length, 1);
      return meters[0] as (typeof meters)[number];
    },
  };
}

test("a house without readings has no meters, and its feed is away", () => {
  const { house, feedState } = setUp();
  assert.deepEqual(house.meters(), []);
  assert.deepEqual(feedState(), ["away", 0]);
});

test("a meter is live until two periods after its last measurement, then stale since that", () => {
  const { run, at, state, onlyMeter } = setUp();
  run(1, 5);
  assert.equal(onlyMeter().periodMs, PERIOD);
  assert.deepEqual(state(), ["live", 10]);
  at(70);
  assert.deepEqual(state(), ["live", 10]);
  at(70.1);
  assert.deepEqual(state(), ["stale", 50]);
  run(8, 8);
  assert.deepEqual(state(), ["live", 80]);
});

test("a device that does not answer is offline since the first row without an answer, and its values stay", () => {
  const { run, at, state, onlyMeter } = setUp();
  run(1, 5, { ...ON, rssi: -60, failures: 0 });
  run(6, 6, OFF);
  assert.deepEqual(state(), ["live", 10], "one failed poll is not yet silence");
  run(7, 8, OFF);
  assert.deepEqual(state(), ["offline", 60]);
  const { sample, measuredAt, direction, timeLeft } = onlyMeter();
  assert.deepEqual(sample, { volts: 13.3, amps: 5, online: 0, failures: 3 });
  assert.deepEqual([measuredAt, direction, timeLeft], [START + 50_000, undefined, undefined]);
  at(100.1);
  assert.deepEqual(state(), ["stale", 80]);
  run(11, 11);
  assert.deepEqual(state(), ["live", 110]);
});

test("a meter that has never answered is offline, without a time of measurement", () => {
  const { run, state, onlyMeter } = setUp();
  run(1, 3, OFF);
  assert.deepEqual(state(), ["offline", 10]);
  assert.equal(onlyMeter().measuredAt, undefined);
  assert.deepEqual(onlyMeter().sample, OFF);
});

test("the latest reading of a meter that has been gone for an hour is not live", () => {
  const { house, reading, at, state } = setUp();
  at(3_600);
  house.receive(reading(7, 0));
  assert.deepEqual(state(), ["stale", 0]);
  house.receive(reading(8, 3_600));
  assert.deepEqual(state(), ["live", 3_600]);
});

test("a backlog makes a meter neither faster nor live, and its newest reading is shown", () => {
  const { house, reading, run, at, state, onlyMeter } = setUp();
  run(1, 5);
  at(1_000);
  for (let seq = 6; seq <= 90; seq += 1) house.receive(reading(seq, seq * 10, { ...ON, amps: seq }));
  assert.equal(onlyMeter().periodMs, PERIOD);
  assert.deepEqual(state(), ["stale", 900]);
  assert.equal(onlyMeter().sample.amps, 90);
  for (let seq = 91; seq <= 100; seq += 1) house.receive(reading(seq, seq * 10));
  assert.equal(state()?.[0], "live");
});

test("late readings of an earlier run, repeats and readings out of order change nothing", () => {
  const { house, reading, run, state, onlyMeter } = setUp();
  run(50, 60);
  const before = onlyMeter();
  house.receive(reading(7, 70, OFF, { run: OTHER_RUN }));
  house.receive(reading(58, 580, { ...ON, amps: -9 }));
  house.receive(reading(60, 600, { ...ON, amps: -9 }));
  assert.deepEqual(onlyMeter(), before);
  assert.equal(state()?.[0], "live");
});

test("a repeat does not keep a meter live", () => {
  const { house, reading, run, at, state } = setUp();
  run(1, 5);
  at(75);
  house.receive(reading(5, 50));
  assert.deepEqual(state(), ["stale", 50]);
});

test("an agent that restarts with another period is measured anew", () => {
  const { house, reading, run, at, onlyMeter, state } = setUp();
  run(1, 9);
  for (let seq = 1; seq <= 3; seq += 1) {
    at(100 + seq * 60);
    house.receive(reading(seq, 100 + seq * 60, ON, { run: OTHER_RUN }));
  }
  assert.equal(onlyMeter().periodMs, 60_000);
  at(390);
  assert.equal(state()?.[0], "live");
});

test("readings that were lost on the feed do not lengthen the period", () => {
  const { run, onlyMeter } = setUp();
  for (const seq of [1, 4, 5, 9, 14]) run(seq, seq);
  assert.equal(onlyMeter().periodMs, PERIOD);
});

test("a wall clock that is set makes no meter live or stale for longer than a reading", () => {
  for (const stepMs of [-3_600_000, 3_600_000, -86_400_000 * 400]) {
    const { run, setWallClock, at, onlyMeter, state } = setUp();
    run(1, 9);
    setWallClock(stepMs);
    run(10, 11);
    assert.equal(state()?.[0], "live", `${stepMs}`);
    assert.equal(onlyMeter().measuredAt, START + 110_000 + stepMs);
    assert.equal(onlyMeter().periodMs, PERIOD);
    at(131);
    assert.equal(state()?.[0], "stale");
  }
});

test("an agent that restarts after the clock was set back is not older than its predecessor", () => {
  const { run, setWallClock, onlyMeter } = setUp();
  run(1, 9);
  setWallClock(-3_600_000);
  run(10, 11, { ...ON, amps: 7 }, { run: OTHER_RUN });
  assert.equal(onlyMeter().sample.amps, 7);
});

test("a device whose clock differs is live, and goes stale like others", () => {
  for (const byS of [-7_200, 7_200]) {
    const { house, reading, at, state } = setUp();
    for (let seq = 1; seq <= 6; seq += 1) {
      at(10_000 + seq * 10);
      house.receive(reading(seq, 10_000 + seq * 10 + byS));
    }
    assert.equal(state()?.[0], "live", `${byS}`);
    at(10_081);
    assert.equal(state()?.[0], "stale", `${byS}`);
  }
});

test("two devices under one name are not blended: the first stays, the other is named", () => {
  const { house, reading, run, at, onlyMeter } = setUp();
  const other = (seq: number, atS: number) =>
    reading(seq, atS, { volts: 26, online: 1 }, { device: OTHER_DEVICE, run: OTHER_RUN });
  run(1, 5);
  at(55);
  house.receive(other(1, 55));
  assert.equal(onlyMeter().otherDevices, undefined, "a device that was replaced reports no more");
  run(6, 6);
  assert.deepEqual(onlyMeter().otherDevices, [OTHER_DEVICE]);
  assert.deepEqual([onlyMeter().device, onlyMeter().sample.volts], ["A4:C1:37:00:00:01", 13.3]);
  at(90);
  house.receive(other(2, 90));
  assert.deepEqual(
    [onlyMeter().device, onlyMeter().sample.volts, onlyMeter().otherDevices],
    [OTHER_DEVICE, 26, undefined],
  );
});

test("late readings of a device that was replaced do not displace the present one", () => {
  const { house, reading, run, at, onlyMeter } = setUp();
  run(1, 5);
  at(1_000);
  house.receive(reading(3, 20, ON, { device: OTHER_DEVICE, run: OTHER_RUN }));
  assert.equal(onlyMeter().device, "A4:C1:37:00:00:01");
});

test("the feed is silent once every meter is overdue", () => {
  const { house, run, at, feedState } = setUp();
  at(5);
  house.feedIs("connected");
  assert.deepEqual(feedState(), ["live", 5]);
  run(1, 5);
  house.feedIs("connected");
  at(70);
  assert.deepEqual(feedState(), ["live", 5]);
  at(70.1);
  assert.deepEqual(feedState(), ["silent", 50]);
  run(8, 8);
  assert.deepEqual(feedState(), ["live", 80]);
  at(85);
  house.feedIs("away");
  assert.deepEqual(feedState(), ["away", 85]);
  at(500);
  house.feedIs("connected");
  assert.deepEqual(feedState(), ["live", 500]);
  at(521);
  assert.deepEqual(feedState(), ["silent", 500]);
});

test("a feed that only repeats the latest readings is silent", () => {
  const { house, reading, run, at, feedState } = setUp();
  house.feedIs("connected");
  run(1, 5);
  at(80);
  house.receive(reading(5, 50));
  assert.deepEqual(feedState(), ["silent", 50]);
});

test("cells and conditions are those of the newest measurement, also while the device is offline", () => {
  const { run, onlyMeter } = setUp();
  run(1, 2, { ...ON, cell1: 3300, cell2: 3310, ovp: 1 });
  assert.deepEqual([onlyMeter().cells?.length, onlyMeter().conditions.length], [2, 1]);
  run(3, 6, OFF);
  assert.deepEqual([onlyMeter().state, onlyMeter().cells?.length, onlyMeter().conditions.length], ["offline", 2, 1]);
  run(7, 7, { ...ON, ovp: 0 });
  assert.deepEqual([onlyMeter().cells, onlyMeter().conditions], [undefined, []]);
});

test("a late measurement of an earlier run fills in the values of a meter that is offline, and changes nothing else", () => {
  const { house, reading, run, onlyMeter } = setUp();
  run(1, 2);
  run(3, 9, OFF);
  house.receive(reading(99, 45, { ...ON, amps: 7 }, { run: OTHER_RUN }));
  const { state, since, measuredAt, sample, periodMs } = onlyMeter();
  assert.deepEqual([state, (since - START) / 1000], ["offline", 30]);
  assert.equal(measuredAt, START + 45_000);
  assert.deepEqual([sample.amps, sample.online, sample.failures, periodMs], [7, 0, 3, PERIOD]);
});

test("one poll that was late does not change the period", () => {
  const { house, reading, run, at, onlyMeter } = setUp();
  run(1, 4);
  at(150);
  house.receive(reading(5, 150));
  assert.equal(onlyMeter().periodMs, PERIOD);
});

test("meters are bounded: the one that has been silent longest is forgotten", () => {
  const { house, reading } = setUp();
  for (let n = 1; n <= 300; n += 1) {
    house.receive(reading(1, 0, ON, { meter: `meter${n}` }));
    house.receive(reading(n, n, ON, { meter: "used" }));
  }
  const names = house.meters().map(({ meter }) => meter);
  assert.equal(names.length, 256);
  assert.ok(names.includes("meter300") && !names.includes("meter1"));
  assert.equal(house.meters().find(({ meter }) => meter === "used")?.since, START + 1_000);
});

test("devices under one name are bounded: those with the oldest readings are forgotten", () => {
  const { house, reading, at, onlyMeter } = setUp();
  at(10);
  house.receive(reading(1, 10));
  for (let n = 10; n < 60; n += 1) house.receive(reading(1, n / 10, ON, { device: `A4:C1:37:00:01:${n}` }));
  house.receive(reading(2, 10.1));
  const others = [57, 58, 59].map((n) => `A4:C1:37:00:01:${n}`);
  assert.deepEqual([onlyMeter().device, onlyMeter().otherDevices], ["A4:C1:37:00:00:01", others]);
});

test("readings at one time have no period", () => {
  const { house, reading, at, onlyMeter } = setUp();
  at(10);
  for (let seq = 1; seq <= 3; seq += 1) house.receive(reading(seq, 10));
  assert.deepEqual(
    [onlyMeter().periodMs, house.periodOf("bms"), house.periodOf("other")],
    [undefined, undefined, undefined],
  );
});
