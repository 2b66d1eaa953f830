import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cellScale, heightOn } from "../../../../viewer/page/cell-scale.ts";

for (const [about, millivolts, from, to] of [
  ["a spread of nothing", [3320], 3300, 3340],
  ["a few mV", [3319, 3323], 3300, 3340],
  ["a cell far above the others", [3338, 3652], 3000, 4000],
  ["an empty cell", [0, 3300], 0, 6000],
] as const) {
  test(`the axis of ${about}`, () => {
    const scale = cellScale(millivolts);
    assert.deepEqual([scale.from, scale.to], [from, to]);
    assert.equal(scale.lines.length, 5);
  });
}

test("every cell is on the axis, and higher voltages are higher bars", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 32 }), (millivolts) => {
      const scale = cellScale(millivolts);
      assert.ok(millivolts.every((each) => each >= scale.from && each <= scale.to));
      const sorted = [...new Set(millivolts)].sort((a, b) => a - b);
      const heights = sorted.map((each) => heightOn(scale, each));
      assert.ok(heights.every((height, index) => index === 0 || height > (heights[index - 1] ?? 0)));
    }),
    { seed: 1 },
  );
});
