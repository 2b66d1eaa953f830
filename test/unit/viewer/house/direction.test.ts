import assert from "node:assert/strict";
import { test } from "node:test";
import { type Direction, directionOf } from "../../../../viewer/house/direction.ts";

const CASES: readonly (readonly [
  amps: number | undefined,
  before: Direction | undefined,
  expected: Direction | undefined,
])[] = [
  [undefined, "charging", undefined],
  [0, undefined, "idle"],
  [-0, "discharging", "idle"],
  [0.2, undefined, "charging"],
  [0.19, undefined, "idle"],
  [0.19, "charging", "charging"],
  [0.1, "charging", "charging"],
  [0.09, "charging", "idle"],
  [0.19, "idle", "idle"],
  [-0.2, "idle", "discharging"],
  [-0.1, "discharging", "discharging"],
  [-0.09, "discharging", "idle"],
  [-0.15, "charging", "idle"],
  [-5, "charging", "discharging"],
];

for (const [amps, before, expected] of CASES) {
  test(`direction: ${amps} A after ${before ?? "nothing"}`, () => assert.equal(directionOf(amps, before), expected));
}
