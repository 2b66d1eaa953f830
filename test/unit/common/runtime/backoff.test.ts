import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackoffSteps, backoff } from "../../../../common/runtime/backoff.ts";

const delays = (count: number, steps: BackoffSteps, random?: () => number) => {
  const generator = backoff(steps, random);
  return Array.from({ length: count }, () => generator.next().value);
};

test("delays double up to a limit", () => {
  assert.deepEqual(delays(5, { firstMs: 100, longestMs: 500 }), [100, 200, 400, 500, 500]);
});

test("the first delay may be used several times", () => {
  assert.deepEqual(delays(6, { firstMs: 100, firstTries: 3, longestMs: 500 }), [100, 100, 100, 200, 400, 500]);
});

test("jitter takes at most half of each step", () => {
  const steps = { firstMs: 100, longestMs: 500 };
  assert.deepEqual(
    delays(4, steps, () => 0),
    [50, 100, 200, 250],
  );
  assert.deepEqual(
    delays(4, steps, () => 0.5),
    [75, 150, 300, 375],
  );
});

test("the delay stays at its limit, however often it fails", () => {
  assert.equal(delays(5_000, { firstMs: 100, longestMs: 500 }).at(-1), 500);
});
