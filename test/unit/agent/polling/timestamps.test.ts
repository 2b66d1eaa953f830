import assert from "node:assert/strict";
import { test } from "node:test";
import { createStamp } from "../../../../agent/polling/timestamps.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { fc } from "../../../support/property.ts";

const START = 1_700_000_000_000;

/** A clock that is set, by `setBy` ms, when the test says so. */
function scene({ after = 0, isSet = false } = {}) {
  const steady = virtualClock(START);
  const wall = { setBy: 0, isSet, looks: 0 };
  const clock = { ...steady, now: () => steady.now() + wall.setBy };
  const stamped: [thing: string, time: number][] = [];
  const isClockSet = () => {
    wall.looks += 1;
    return wall.isSet;
  };
  const stamp = createStamp<string>(after, { clock, isClockSet, log: silentLog }, (thing, time) =>
    stamped.push([thing, time - START]),
  );
  return { clock, wall, stamp, stamped, put: (thing: string) => stamp.put(thing, clock.monotonic()) };
}

test("with a clock that is set a thing is handed on at once, and nobody looks at the clock's state again", async () => {
  const { clock, put, stamped, wall } = scene({ isSet: true });
  put("a");
  await clock.sleep(1_000);
  put("b");
  assert.deepEqual(stamped, [
    ["a", 0],
    ["b", 1_000],
  ]);
  assert.equal(wall.looks, 1);
});

test("before the clock is set things are held, and then have the times of their moments", async () => {
  const { clock, put, stamp, stamped, wall } = scene();
  put("a");
  await clock.sleep(10_000);
  put("b");
  await clock.sleep(5_000);
  assert.deepEqual([stamped, stamp.held], [[], 2]);
  wall.setBy = 1_000_000;
  wall.isSet = true;
  await clock.sleep(1_001);
  assert.deepEqual(stamped, [
    ["a", 1_000_000],
    ["b", 1_010_000],
  ]);
  assert.equal(stamp.held, 0);
});

test("what comes when the clock has just been set does not overtake what is held", async () => {
  const { clock, put, stamped, wall } = scene();
  put("a");
  await clock.sleep(100);
  wall.isSet = true;
  put("b");
  assert.deepEqual(stamped, [
    ["a", 0],
    ["b", 100],
  ]);
  await clock.sleep(5_000);
  assert.equal(stamped.length, 2);
});

test("told to stop, everything goes with the clock as it is", async () => {
  const { clock, put, stamp, stamped } = scene();
  put("a");
  await clock.sleep(500);
  stamp.flush();
  put("b");
  assert.deepEqual(stamped, [
    ["a", 0],
    ["b", 500],
  ]);
});

test("a time is that of the moment, not that of the putting", () => {
  const { stamp, stamped } = scene({ isSet: true });
  stamp.put("a", -40.4);
  assert.deepEqual(stamped, [["a", -40]]);
});

/** What the wall clock does between two things, ms. */
const SETTINGS: readonly [about: string, setBy: number, expected: number][] = [
  ["goes on", 0, 2_000],
  ["is set forward", 60_000, 62_000],
  ["is set back by less than a period", -300, 1_700],
  ["is set back by more than a period", -3_600_000, 1_001],
  ["is set to the time of the thing before", -1_000, 1_001],
];

for (const [about, setBy, expected] of SETTINGS) {
  test(`a clock that ${about}`, async () => {
    const { clock, wall, put, stamped } = scene({ isSet: true });
    await clock.sleep(1_000);
    put("a");
    wall.setBy = setBy;
    await clock.sleep(1_000);
    put("b");
    assert.deepEqual(stamped, [
      ["a", 1_000],
      ["b", expected],
    ]);
  });
}

test("no time comes before those of an earlier run", () => {
  const { put, stamped } = scene({ after: START + 50, isSet: true });
  put("a");
  put("b");
  assert.deepEqual(stamped, [
    ["a", 51],
    ["b", 52],
  ]);
});

test("times rise strictly whatever the clock does, and nothing is lost or overtakes", () => {
  const step = fc.record({ pauseMs: fc.nat(5_000), setBy: fc.integer({ min: -10_000_000, max: 10_000_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, setAt) => {
      let monotonic = 0;
      let setBy = 0;
      let isSet = false;
      const clock = { now: () => START + monotonic + setBy, monotonic: () => monotonic, sleep: async () => {} };
      const stamped: [number, number][] = [];
      const stamp = createStamp<number>(0, { clock, isClockSet: () => isSet, log: silentLog }, (thing, time) =>
        stamped.push([thing, time]),
      );
      for (const [i, step] of steps.entries()) {
        monotonic += step.pauseMs;
        setBy += step.setBy;
        isSet = i >= setAt;
        stamp.put(i, monotonic);
      }
      stamp.flush();
      assert.deepEqual(
        stamped.map(([thing]) => thing),
        steps.map((_, i) => i),
      );
      assert.ok(stamped.every(([, time], i) => i === 0 || time > (stamped[i - 1]?.[1] ?? 0)));
    }),
  );
});
