import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../../../../agent/polling/backoff.ts";

const delays = (count: number, random: () => number, quickTries?: number) => {
  const generator = backoff(random, quickTries);
  return Array.from({ length: count }, () => generator.next().value);
};

test("ten quick tries, then doubling up to a bound", () => {
  const steps = [...Array(10).fill(1_000), 2_000, 4_000, 8_000, 16_000, 20_000, 20_000];
  assert.deepEqual(
    delays(steps.length, () => 1),
    steps,
  );
});

test("a delay is never shorter than half its step", () => {
  assert.deepEqual([...new Set(delays(16, () => 0))], [500, 1_000, 2_000, 4_000, 8_000, 10_000]);
});

test("what hurry does not mend is not tried in a hurry", () => {
  assert.deepEqual(
    delays(5, () => 1, 0),
    [2_000, 4_000, 8_000, 16_000, 20_000],
  );
});
