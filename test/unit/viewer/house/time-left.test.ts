import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { createSmoothedCurrent } from "../../../../viewer/house/smoothed-current.ts";
import { type Flow, timeLeft } from "../../../../viewer/house/time-left.ts";
import type { TimeLeft } from "../../../../viewer/model/views.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";
import { houseAt, readingAt } from "./house-at.ts";

const empty = (minutes: number, source: TimeLeft["source"] = "estimate"): TimeLeft => ({
  until: "empty",
  minutes,
  source,
});
const full = (minutes: number): TimeLeft => ({ until: "full", minutes, source: "estimate" });
const discharging: Flow = { direction: "discharging", amps: -10 };
const charging: Flow = { direction: "charging", amps: 10 };

const CASES: readonly (readonly [about: string, sample: Sample, flow: Flow, expected: TimeLeft | undefined])[] = [
  ["charge left", { remain: 50 }, discharging, empty(300)],
  ["percent of the capacity", { percent: 50, capacity: 100 }, discharging, empty(300)],
  ["percent of the learned capacity", { percent: 50, capacity: 100, full: 80 }, discharging, empty(240)],
  ["charge missing", { remain: 50, capacity: 100 }, charging, full(300)],
  ["charge missing to the learned capacity", { remain: 50, capacity: 100, full: 80 }, charging, full(180)],
  ["percent missing", { percent: 90, capacity: 100 }, charging, full(60)],
  ["percent of an unknown capacity", { percent: 50 }, discharging, undefined],
  ["charge of an unknown capacity while charging", { remain: 50 }, charging, undefined],
  ["unknown charge", { volts: 13 }, discharging, undefined],
  ["nothing left", { remain: 0 }, discharging, undefined],
  ["more than full", { remain: 101, capacity: 100 }, charging, undefined],
  ["seven days", { remain: 1680 }, discharging, empty(10_080)],
  ["more than seven days", { remain: 1681 }, discharging, undefined],
  ["at rest", { remain: 50 }, { direction: "idle", amps: -10 }, undefined],
  ["unknown current", { remain: 50, runtime: 9 }, { direction: undefined, amps: undefined }, undefined],
  ["a current that is not steady", { remain: 50 }, { direction: "discharging", amps: undefined }, undefined],
  ["a direction that has just changed", { remain: 50 }, { direction: "discharging", amps: 3 }, undefined],
  ["a small mean current", { remain: 1 }, { direction: "discharging", amps: -0.19 }, undefined],
  ["the device's own figure", { runtime: 77, remain: 50 }, discharging, empty(77, "device")],
  [
    "the device's own figure before a mean is known",
    { runtime: 77 },
    { ...discharging, amps: undefined },
    empty(77, "device"),
  ],
  ["the device's own figure at rest", { runtime: 77 }, { direction: "idle", amps: -10 }, undefined],
  ["the device's own figure while charging", { runtime: 77 }, charging, undefined],
  ["the device's own figure is 0", { runtime: 0 }, discharging, undefined],
  ["the device's own figure is beyond seven days", { runtime: 32_000 }, discharging, undefined],
];

for (const [about, sample, flow, expected] of CASES) {
  test(`time left: ${about}`, () => assert.deepEqual(timeLeft(sample, flow), expected));
}

test("the mean current is unknown before five readings and 30 s", () => {
  for (const [periodS, count] of [
    [60, 5],
    [10, 5],
    [1, 31],
  ] as const) {
    const current = createSmoothedCurrent();
    for (let seq = 1; seq <= count; seq += 1) {
      assert.equal(current.amps, undefined, `${seq - 1} readings, one every ${periodS} s`);
      current.observe(readingOf(seq, { takenAt: seq * periodS * 1000, sample: { amps: -4 } }));
    }
    assert.equal(current.amps, -4);
  }
});

test("the mean current is unknown after a gap, and after a reading without a current", () => {
  for (const [takenAt, sample] of [
    [2_000_000, { amps: -4 }],
    [110_000, { volts: 13 }],
    [-500_000, { amps: -4 }],
  ] as const) {
    const current = createSmoothedCurrent();
    for (let seq = 1; seq <= 10; seq += 1)
      current.observe(readingOf(seq, { takenAt: seq * 10_000, sample: { amps: -4 } }));
    assert.equal(current.amps, -4);
    current.observe(readingOf(11, { takenAt, sample }));
    assert.equal(current.amps, undefined);
  }
});

test("a current that changes its sign has no mean", () => {
  const current = createSmoothedCurrent();
  for (let seq = 1; seq <= 100; seq += 1) {
    current.observe(readingOf(seq, { takenAt: seq * 10_000, sample: { amps: seq % 2 ? -8 : 10 } }));
  }
  assert.equal(current.amps, undefined);
});

const course = fc.record({
  capacity: fc.double({ min: 10, max: 600, noNaN: true }),
  /** Part of the capacity per hour. */
  rate: fc.double({ min: 0.05, max: 1, noNaN: true }),
  /** Hours until the battery is empty or full. */
  hours: fc.double({ min: 1.1, max: 24, noNaN: true }),
  periodS: fc.constantFrom(1, 5, 10, 60),
  until: fc.constantFrom("empty", "full"),
});

test("a constant current gives the true time within 5 %, and none at rest", () => {
  fc.assert(
    fc.property(course, ({ capacity, rate, hours, periodS, until }) => {
      const { house, at } = houseAt();
      const flow = capacity * Math.min(rate, 1 / hours);
      const measure = (seq: number, amps: number, remain: number) => {
        at(seq * periodS);
        const sample = { amps, remain: Math.round(100 * remain) / 100, capacity, online: 1 };
        house.receive(readingAt(seq, seq * periodS, sample));
        return house.meters()[0]?.timeLeft;
      };
      for (let seq = 1; seq <= 60; seq += 1) {
        const hoursLeft = hours - (seq * periodS) / 3600;
        const left =
          until === "empty" ? measure(seq, -flow, flow * hoursLeft) : measure(seq, flow, capacity - flow * hoursLeft);
        assert.ok(left || seq <= 31, `an estimate after ${seq} readings`);
        assert.equal(left?.until ?? until, until);
        const error = (left?.minutes ?? 60 * hoursLeft) - 60 * hoursLeft;
        assert.ok(Math.abs(error) <= Math.max(1, 0.05 * 60 * hoursLeft), `${error} minutes at ${hoursLeft} h`);
      }
      for (let seq = 61; seq <= 80; seq += 1) assert.equal(measure(seq, 0, capacity / 2), undefined);
    }),
    { numRuns: 50 },
  );
});

test("whatever the current does, the time left is absent or within seven days, and agrees with the direction", () => {
  const row = fc.record({
    amps: fc.oneof(fc.double({ min: -200, max: 200, noNaN: true }), fc.constantFrom(0, -0.05, 0.3)),
    remain: fc.option(fc.double({ min: 0, max: 700, noNaN: true }), { nil: undefined }),
    percent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    runtime: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const { house, at } = houseAt();
      for (const [i, values] of rows.entries()) {
        at((i + 1) * 10);
        const known = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
        house.receive(readingAt(i + 1, (i + 1) * 10, { ...known, capacity: 300, online: 1 }));
        const { timeLeft: left, direction } = house.meters()[0] ?? {};
        if (!left) continue;
        assert.ok(left.minutes > 0 && left.minutes <= 10_080);
        assert.equal(direction, left.until === "full" ? "charging" : "discharging");
      }
    }),
  );
});
