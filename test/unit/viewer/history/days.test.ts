import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog as log } from "../../../../common/runtime/log.ts";
import { memoryBackedStore } from "../../../../viewer/history/backed-store.ts";
import { createHistory } from "../../../../viewer/history/history.ts";
import { dayAfter, dayOf } from "../../../../viewer/history/local-day.ts";
import { readingOf } from "../../../support/reading.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const DAYS = 5;
const FIRST = dayOf(Date.UTC(2026, 10, 20, 12));
const END = dayAfter(FIRST, DAYS).from;
const REQUEST = {
  meter: "house",
  quantities: ["volts", "amps"],
  from: END - 365 * DAY_MS,
  to: END,
  points: 365,
} as const;

/** A reading every two minutes, of one day after the other with other values. */
function readings(): Reading[] {
  return Array.from({ length: (END - FIRST.from) / (2 * MINUTE_MS) }, (_, i) => {
    const takenAt = FIRST.from + i * 2 * MINUTE_MS;
    const day = Math.floor((takenAt - FIRST.from) / DAY_MS);
    const sample = { volts: 12 + day + (i % 10) / 10, ...(day !== 2 && { amps: -(i % 5) }), online: 1 };
    return { ...readingOf(i + 1, { meter: "house" }), takenAt, sample };
  });
}

function filled() {
  const store = memoryBackedStore();
  const history = createHistory(store, { clock: virtualClock(END), log });
  history.add(readings());
  return { store, history };
}

test("a chart of a year has a point per day with its mean, lowest and highest", () => {
  const { times, mean, low, high, resolutionMs } = filled().history.series(REQUEST);
  assert.equal(resolutionMs, DAY_MS);
  assert.equal(times.length, DAYS);
  assert.deepEqual(mean.volts, [12.45, 13.45, 14.45, 15.45, 16.45]);
  assert.deepEqual(low?.volts, [12, 13, 14, 15, 16]);
  assert.deepEqual(high?.volts, [12.9, 13.9, 14.9, 15.9, 16.9]);
  assert.deepEqual(mean.amps, [-2, -2, null, -2, -2]);
});

test("a day that an earlier version has written is drawn from its hours", () => {
  const { store, history } = filled();
  const expected = history.series(REQUEST);
  for (const { slot, bytes } of [...store.scan({ tier: "days", meter: "house", from: 0, to: 1e9 })]) {
    const { values, ...earlier } = JSON.parse(Buffer.from(bytes).toString());
    assert.ok(values);
    store.write([{ tier: "days", meter: "house", slot, bytes: Buffer.from(JSON.stringify(earlier)) }]);
  }
  assert.deepEqual(history.series(REQUEST), expected);
});

test("a reading that comes late changes its day alone, whichever day was looked at before", () => {
  const { history } = filled();
  history.energy("house", DAYS);
  const late = readings().map((reading) => ({ ...reading, takenAt: reading.takenAt + 1_000 }));
  history.add(late.slice(0, 10));
  history.add(late.slice(-10).map((reading) => ({ ...reading, sample: { volts: 20 } })));
  const { mean, high } = history.series(REQUEST);
  assert.deepEqual(high?.volts, [12.9, 13.9, 14.9, 15.9, 20]);
  assert.deepEqual(mean.volts?.slice(0, 4), [12.45, 13.45, 14.45, 15.45]);
  assert.equal(history.lifetime("house")?.highestVolts, 20);
});
