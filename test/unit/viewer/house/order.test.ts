import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reading, supersedes } from "../../../../common/model/reading.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";
import { houseAt, readingAt } from "./house-at.ts";

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const OTHER_RUN = "ffffffffffffffff";
const SHOWN = readingOf(5, { takenAt: NOW });

const CASES: readonly (readonly [
  about: string,
  seq: number,
  changed: Partial<Reading>,
  shown: Reading | undefined,
  expected: boolean,
])[] = [
  ["the first", 1, { takenAt: NOW }, undefined, true],
  ["the next", 6, { takenAt: NOW + 1 }, SHOWN, true],
  ["a repeat", 5, { takenAt: NOW }, SHOWN, false],
  ["an earlier one", 4, { takenAt: NOW - 1 }, SHOWN, false],
  ["the next after the clock was set back", 6, { takenAt: NOW - HOUR }, SHOWN, true],
  ["a later one of another run", 1, { takenAt: NOW + 1, run: OTHER_RUN }, SHOWN, true],
  ["an earlier one of another run", 9, { takenAt: NOW - 1, run: OTHER_RUN }, SHOWN, false],
  [
    "another run after the clock was set back",
    1,
    { takenAt: NOW, run: OTHER_RUN },
    readingOf(5, { takenAt: NOW + HOUR }),
    true,
  ],
  ["another run whose clock is ahead", 1, { takenAt: NOW + HOUR, run: OTHER_RUN }, SHOWN, false],
  ["two that are ahead", 1, { takenAt: NOW + 2 * HOUR, run: OTHER_RUN }, readingOf(5, { takenAt: NOW + HOUR }), true],
];

for (const [about, seq, changed, shown, expected] of CASES) {
  test(`order: ${about}`, () => assert.equal(supersedes(readingOf(seq, changed), shown, NOW), expected));
}

const MINUTE = 60;
const backlog = fc.uniqueArray(fc.record({ minute: fc.integer({ min: 0, max: 600 }), isOnline: fc.boolean() }), {
  selector: ({ minute }) => minute,
  minLength: 1,
  maxLength: 40,
});

test("old readings in any order show the newest measurement, and are never live", () => {
  fc.assert(
    fc.property(backlog, fc.nat({ max: 4 }), (rows, runs) => {
      const { house, at } = houseAt();
      at(650 * MINUTE);
      for (const { minute, isOnline } of rows) {
        const run = String(minute % (runs + 1)).padStart(16, "0");
        const sample = isOnline ? { amps: minute, online: 1 } : { online: 0 };
        house.receive(readingAt(minute + 1, minute * MINUTE, sample, { run }));
        assert.equal(house.meters()[0]?.state, "stale");
      }
      const newest = Math.max(...rows.filter(({ isOnline }) => isOnline).map(({ minute }) => minute));
      assert.equal(house.meters()[0]?.sample.amps, Number.isFinite(newest) ? newest : undefined);
    }),
  );
});
