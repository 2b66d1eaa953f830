import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../../../aggregator/check/duration.ts";

for (const [found, ms] of [
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["1d", 86_400_000],
  ["500us", 0.5],
  ["500µs", 0.5],
  ["1ns", 1e-6],
  ["0s", 0],
  ["30", 30_000],
  [30, 30_000],
  [0.5, 500],
  ["", undefined],
  ["soon", undefined],
  ["10s later", undefined],
  [undefined, undefined],
  [true, undefined],
] as const) {
  test(`duration ${JSON.stringify(found)}`, () => assert.equal(parseDuration(found), ms));
}
