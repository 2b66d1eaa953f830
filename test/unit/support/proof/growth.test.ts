import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../../../simulator/random.ts";
import { growthOf } from "../../../support/proof/growth.ts";

/** 240 measurements of 1,000 with noise of ±20 that is correlated over neighbours, as a heap has, and a growth. */
function measurements(grownBy: number, seed = "1") {
  const random = seededRandom("growth", seed);
  let drift = 0;
  return Array.from({ length: 240 }, (_, i) => {
    drift = 0.8 * drift + 20 * (random() - 0.5);
    return { at: i * 10, value: 1_000 + drift + (grownBy * i) / 239 };
  });
}

test("a line is measured exactly", () => {
  const line = Array.from({ length: 24 }, (_, i) => ({ at: i, value: 100 + 2 * i }));
  const { mean, total, uncertainty, isGrowing } = growthOf(line);
  assert.deepEqual([mean, total, isGrowing], [123, 46, true]);
  assert.ok(uncertainty < 1e-9);
});

test("what is constant does not grow", () => {
  const { total, uncertainty, isGrowing } = growthOf(Array.from({ length: 12 }, (_, at) => ({ at, value: 5 })));
  assert.deepEqual([total, uncertainty, isGrowing], [0, 0, false]);
});

test("noise is not growth, and growth above the noise is found", () => {
  const seeds = Array.from({ length: 50 }, (_, i) => `${i}`);
  const found = (grownBy: number) => seeds.filter((seed) => growthOf(measurements(grownBy, seed)).isGrowing).length;
  assert.ok(found(0) <= 3, "95 % confidence");
  assert.equal(found(100), seeds.length);
});

test("what shrinks does not grow", () => {
  assert.equal(growthOf(measurements(-100)).isGrowing, false);
});

test("too few measurements have no trend", () => {
  assert.throws(() => growthOf(measurements(0).slice(0, 11)), /12 measurements/);
});
