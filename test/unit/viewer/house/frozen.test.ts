import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { createFreezeWatch } from "../../../../viewer/house/frozen.ts";
import { readingOf } from "../../../support/reading.ts";

const FLOWING: Sample = { volts: 13.3, amps: -0.5, cell1: 3325, temp1: 20.1, online: 1 };

/** Seconds from the first reading to the one from which on the values count as frozen; undefined if they never do. */
function frozenAfter(periodS: number, count: number, sampleAt: (n: number) => Sample) {
  const watch = createFreezeWatch();
  for (let n = 0; n < count; n += 1) {
    watch.observe(readingOf(n + 1, { takenAt: n * periodS * 1000, sample: sampleAt(n) }));
    if (watch.since !== undefined) return [n * periodS, watch.since / 1000] as const;
  }
  return undefined;
}

const CASES: readonly (readonly [
  about: string,
  periodS: number,
  sampleAt: (n: number) => Sample,
  expected: unknown,
])[] = [
  ["ten minutes of equal values", 10, () => FLOWING, [600, 0]],
  ["at least ten readings", 300, () => FLOWING, [2_700, 0]],
  [
    "the agent's figures do not count",
    10,
    (n) => ({ ...FLOWING, polls: n, latency: n, rssi: -n, backlog: n }),
    [600, 0],
  ],
  ["from the last change on", 10, (n) => ({ ...FLOWING, temp1: n < 20 ? 20 : 21 }), [800, 200]],
  ["while current flows", 10, (n) => ({ ...FLOWING, amps: 0.5, cycles: n < 5 ? 1 : 2 }), [650, 50]],
  ["a last digit that changes", 10, (n) => ({ ...FLOWING, volts: 13.3 + (n % 50 === 0 ? 1e-9 : 0) }), undefined],
  ["a cell that appears at times", 10, (n) => (n % 50 ? FLOWING : { ...FLOWING, cell2: 3320 }), undefined],
  ["an idle battery", 10, () => ({ ...FLOWING, amps: 0 }), undefined],
  ["a small current", 10, () => ({ ...FLOWING, amps: 0.49 }), undefined],
  ["an unknown current", 10, () => ({ volts: 13.3 }), undefined],
];

for (const [about, periodS, sampleAt, expected] of CASES) {
  test(`frozen: ${about}`, () => assert.deepEqual(frozenAfter(periodS, 200, sampleAt), expected));
}

test("values that change are no longer frozen", () => {
  const watch = createFreezeWatch();
  for (let n = 0; n <= 60; n += 1) watch.observe(readingOf(n, { takenAt: n * 10_000, sample: FLOWING }));
  assert.equal(watch.since, 0);
  watch.observe(readingOf(61, { takenAt: 610_000, sample: { ...FLOWING, amps: -0.6 } }));
  assert.equal(watch.since, undefined);
});
