import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellLimits, CellView } from "../../../../viewer/model/views.ts";
import { isBeyond, limitsInWords } from "../../../../viewer/page/cell-limits.ts";

const TEXTS: readonly (readonly [CellLimits, string | undefined])[] = [
  [{}, undefined],
  [{ lowMillivolts: 2800 }, "at least 2.800 V"],
  [{ highMillivolts: 3650 }, "at most 3.650 V"],
  [{ lowMillivolts: 2800, highMillivolts: 3650 }, "2.800 to 3.650 V"],
];

for (const [limits, text] of TEXTS) {
  test(`limits in words: ${text ?? "none"}`, () => {
    assert.equal(limitsInWords(limits), text);
  });
}

test("a cell is beyond its limits where an alert starts", () => {
  const limits = { lowMillivolts: 2800, highMillivolts: 3650 };
  const cell = (millivolts: number) => ({ millivolts }) as CellView;
  assert.deepEqual(
    [2799, 2800, 2801, 3649, 3650].map((millivolts) => isBeyond(cell(millivolts), limits)),
    [true, true, false, false, true],
  );
  assert.equal(isBeyond(cell(100), {}), false);
});
