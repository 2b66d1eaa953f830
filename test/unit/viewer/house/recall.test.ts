import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../../../../common/model/reading.ts";
import { recall } from "../../../../viewer/house/recall.ts";
import { houseAt, readingAt, START } from "./house-at.ts";

const DAY = 86_400;

/** Readings of one meter at these seconds, in order. */
function historyOf(meters: Readonly<Record<string, readonly number[]>>) {
  return {
    meters: () => Object.keys(meters),
    readings: (meter: string, from: number, to: number): Reading[] =>
      (meters[meter] ?? [])
        .map((atS, i) => readingAt(i + 1, atS, { amps: -4, remain: 50, online: 1 }, { meter }))
        .filter(({ takenAt }) => takenAt >= from && takenAt < to),
  };
}

const everyTenSeconds = (fromS: number, toS: number) =>
  Array.from({ length: (toS - fromS) / 10 + 1 }, (_, i) => fromS + 10 * i);

test("a viewer that starts again knows its meters, their periods and what they have shown", () => {
  const { house, at, now } = houseAt();
  at(10 * DAY);
  const recent = everyTenSeconds(10 * DAY - 3_000, 10 * DAY - 5);
  const old = everyTenSeconds(7 * DAY - 600, 7 * DAY);
  recall(house, historyOf({ recent, old, gone: [2 * DAY], slow: [10 * DAY - 5_000, 10 * DAY - 2_000] }), now());
  assert.deepEqual(
    house.meters().map(({ meter, state, since, periodMs }) => [meter, state, (since - START) / 1000, periodMs]),
    [
      ["old", "stale", 7 * DAY, 10_000],
      ["recent", "live", 10 * DAY - 1_800, 10_000],
      ["slow", "live", 10 * DAY - 2_000, 3_000_000],
    ],
  );
  assert.equal(house.meters()[1]?.timeLeft?.minutes, 750);
  assert.ok(house.meters()[1]?.frozenSince);
  assert.equal(house.feed().state, "away");
});

test("the next reading of the feed continues what was recalled", () => {
  const { house, at, now } = houseAt();
  at(DAY);
  recall(house, historyOf({ house: everyTenSeconds(DAY - 600, DAY - 300) }), now());
  assert.equal(house.meters()[0]?.state, "stale");
  house.receive(readingAt(99, DAY, { amps: -4, online: 1 }, { meter: "house" }));
  assert.deepEqual([house.meters()[0]?.state, house.meters()[0]?.since], ["live", now()]);
});
