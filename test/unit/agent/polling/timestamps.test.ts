import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimestamper } from "../../../../agent/polling/timestamps.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { fc } from "../../../support/property.ts";

const START = 1_700_000_000_000;

/** A wall clock that the test sets, by `setBy` ms. */
function setUp({ after = 0, isSet = false } = {}) {
  const steady = virtualClock(START);
  const wall = { setBy: 0, isSet, looks: 0 };
  const clock = { ...steady, now: () => steady.now() + wall.setBy };
  const emitted: [item: string, time: number][] = [];
  const isClockSet = () => {
    wall.looks += 1;
    return wall.isSet;
  };
  const timestamper = createTimestamper<string>(after, (item, time) => emitted.push([item, time - START]), {
    clock,
    isClockSet,
    log: silentLog,
  });
  return { clock, wall, timestamper, emitted, put: (item: string) => timestamper.put(item, clock.monotonic()) };
}

test("while the clock is set an item is emitted at once, and the clock's state is checked only once", async () => {
  const { clock, put, emitted, wall } = setUp({ isSet: true });
  put("a");
  await clock.sleep(1_000);
  put("b");
  assert.deepEqual(emitted, [
    ["a", 0],
    ["b", 1_000],
  ]);
  assert.equal(wall.looks, 1);
});

test("before the clock is set items are held, and then emitted with the times at which they were observed", async () => {
  const { clock, put, timestamper, emitted, wall } = setUp();
  put("a");
  await clock.sleep(10_000);
  put("b");
  await clock.sleep(5_000);
  assert.deepEqual([emitted, timestamper.held], [[], 2]);
  wall.setBy = 1_000_000;
  wall.isSet = true;
  await clock.sleep(1_001);
  assert.deepEqual(emitted, [
    ["a", 1_000_000],
    ["b", 1_010_000],
  ]);
  assert.equal(timestamper.held, 0);
});

test("an item that arrives when the clock has just been set does not overtake those held", async () => {
  const { clock, put, emitted, wall } = setUp();
  put("a");
  await clock.sleep(100);
  wall.isSet = true;
  put("b");
  assert.deepEqual(emitted, [
    ["a", 0],
    ["b", 100],
  ]);
  await clock.sleep(5_000);
  assert.equal(emitted.length, 2);
});

test("flushing emits everything with the clock as it is", async () => {
  const { clock, put, timestamper, emitted } = setUp();
  put("a");
  await clock.sleep(500);
  timestamper.flush();
  put("b");
  assert.deepEqual(emitted, [
    ["a", 0],
    ["b", 500],
  ]);
});

test("an item's time is when it was observed, not when it was put", () => {
  const { timestamper, emitted } = setUp({ isSet: true });
  timestamper.put("a", -40.4);
  assert.deepEqual(emitted, [["a", -40]]);
});

/** A change of the wall clock between two items, ms. */
const SETTINGS: readonly [about: string, setBy: number, expected: number][] = [
  ["goes on", 0, 2_000],
  ["is set forward", 60_000, 62_000],
  ["is set back by less than a period", -300, 1_700],
  ["is set back by more than a period", -3_600_000, 1_001],
  ["is set to the time of the previous item", -1_000, 1_001],
];

for (const [about, setBy, expected] of SETTINGS) {
  test(`a clock that ${about}`, async () => {
    const { clock, wall, put, emitted } = setUp({ isSet: true });
    await clock.sleep(1_000);
    put("a");
    wall.setBy = setBy;
    await clock.sleep(1_000);
    put("b");
    assert.deepEqual(emitted, [
      ["a", 1_000],
      ["b", expected],
    ]);
  });
}

test("no time is earlier than those of an earlier run", () => {
  const { put, emitted } = setUp({ after: START + 50, isSet: true });
  put("a");
  put("b");
  assert.deepEqual(emitted, [
    ["a", 51],
    ["b", 52],
  ]);
});

test("times rise strictly whatever the clock does, and no item is lost or reordered", () => {
  const step = fc.record({ pauseMs: fc.nat(5_000), setBy: fc.integer({ min: -10_000_000, max: 10_000_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (steps, setAt) => {
      let monotonic = 0;
      let setBy = 0;
      let isSet = false;
      const clock = {
        now: () => START + monotonic + setBy,
        monotonic: () => monotonic,
        uptime: () => monotonic,
        sleep: async () => {},
      };
      const emitted: [number, number][] = [];
      const timestamper = createTimestamper<number>(0, (item, time) => emitted.push([item, time]), {
        clock,
        isClockSet: () => isSet,
        log: silentLog,
      });
      for (const [i, step] of steps.entries()) {
        monotonic += step.pauseMs;
        setBy += step.setBy;
        isSet = i >= setAt;
        timestamper.put(i, monotonic);
      }
      timestamper.flush();
      assert.deepEqual(
        emitted.map(([item]) => item),
        steps.map((_, i) => i),
      );
      assert.ok(emitted.every(([, time], i) => i === 0 || time > (emitted[i - 1]?.[1] ?? 0)));
    }),
  );
});
