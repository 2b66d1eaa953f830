import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStep, watchWallClock } from "../../../../agent/clock/wall-clock.ts";

const START = 1_700_000_000_000;

test("a step is seen once, with its size; a smaller change is followed silently", () => {
  let [nowMs, uptimeMs] = [START, 1_000];
  const wall = watchWallClock({ now: () => nowMs, uptime: () => uptimeMs });
  uptimeMs += 10_000;
  nowMs += 10_000;
  assert.equal(wall.look(), 0);
  nowMs -= 5_000;
  assert.deepEqual([wall.look(), wall.look()], [-5_000, 0]);
  nowMs += 2_499;
  assert.equal(wall.look(), 0);
  assert.equal(wall.offsetMs, nowMs - uptimeMs);
  nowMs += 2_500;
  assert.equal(wall.look(), 2_500);
});

test("a pause of the process between the readings of the two clocks is no step", () => {
  let [nowMs, uptimeMs, reads] = [START, 1_000, 0];
  const pause = (ms: number) => {
    nowMs += ms;
    uptimeMs += ms;
  };
  const clock = {
    now: () => nowMs,
    uptime() {
      const read = uptimeMs;
      reads += 1;
      if (reads === 3) pause(60_000);
      return read;
    },
  };
  const wall = watchWallClock(clock);
  assert.equal(wall.look(), 0);
  assert.ok(Math.abs(wall.offsetMs - (START - 1_000)) < 1);
});

const STEPS: readonly [stepMs: number, text: string][] = [
  [-5_000, "back by 5 s"],
  [2_500, "forward by 2.5 s"],
  [-3_600_000, "back by 1 h"],
  [90_000, "forward by 1.5 min"],
  [86_400_000, "forward by 24 h"],
  [400 * 86_400_000, "forward by 400 days"],
  [10 * 365.25 * 86_400_000, "forward by 10 years"],
];

for (const [stepMs, text] of STEPS) {
  test(`in the log: ${text}`, () => assert.equal(describeStep(stepMs), text));
}
