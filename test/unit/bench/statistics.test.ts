import assert from "node:assert/strict";
import { test } from "node:test";
import { growthOf } from "../../bench/report/growth.ts";
import { median, quantile, slope } from "../../bench/report/statistics.ts";

test("a median is the middle value, or the mean of the two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test("a quantile lies between two values", () => {
  const values = [10, 20, 30, 40, 50];
  assert.equal(quantile(values, 0), 10);
  assert.equal(quantile(values, 1), 50);
  assert.equal(quantile(values, 0.99), 49.6);
  assert.equal(quantile([10, 2, 9], 0.5), 9);
});

test("a slope is that of the line through the points", () => {
  assert.equal(
    slope([
      [1, 5],
      [2, 7],
      [3, 9],
    ]),
    2,
  );
});

test("the growth is the rise of a line beside the spread of the points around it", () => {
  const grown = growthOf([0, 1, 2, 3].map((done) => ({ done, bytes: 100 + 10 * done })));
  assert.deepEqual(grown, { rise: 30, spread: 0 });
  const flat = growthOf([100, 104, 104, 100].map((bytes, done) => ({ done, bytes })));
  assert.deepEqual(flat, { rise: 0, spread: 4 });
});
