import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { cellsOf } from "../../../../viewer/house/cells.ts";

/** `L` lowest, `H` highest, `B` balancing. */
const CASES: readonly (readonly [about: string, sample: Sample, expected: string | undefined])[] = [
  ["none", { volts: 13.3, cells: 4, c01: 0 }, undefined],
  ["one", { cell1: 3300 }, "1:3300"],
  ["four", { cell1: 3300, cell2: 3298, cell3: 3310, cell4: 3301 }, "1:3300 2:3298L 3:3310H 4:3301"],
  ["equal cells", { cell1: 3300, cell2: 3300 }, "1:3300 2:3300"],
  [
    "the first of equal extremes",
    { cell1: 3310, cell2: 3300, cell3: 3300, cell4: 3310 },
    "1:3310H 2:3300L 3:3300 4:3310",
  ],
  ["balancing", { cell1: 3400, cell2: 3300, c01: 1, c02: 0 }, "1:3400HB 2:3300L"],
  ["a cell that is absent keeps its place", { cell1: 3300, cell3: 3310, c03: 1 }, "1:3300L 3:3310HB"],
  ["an input that reads 0", { cell1: 3300, cell2: 0 }, "1:3300H 2:0L"],
  ["the last cell", { cell32: 3300, c32: 1 }, "32:3300B"],
];

for (const [about, sample, expected] of CASES) {
  test(`cells: ${about}`, () => {
    const cells = cellsOf(sample)?.map(({ number, millivolts, isLowest, isHighest, isBalancing }) => {
      const marks = `${isLowest ? "L" : ""}${isHighest ? "H" : ""}${isBalancing ? "B" : ""}`;
      return `${number}:${millivolts}${marks}`;
    });
    assert.equal(cells?.join(" "), expected);
  });
}
