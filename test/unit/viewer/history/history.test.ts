import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reading } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { memoryBackedStore } from "../../../../viewer/history/backed-store.ts";
import { createHistory, type StoredHistory } from "../../../../viewer/history/history.ts";
import { decodeSummaries } from "../../../../viewer/history/minute-block.ts";
import { TIERS } from "../../../../viewer/history/store.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";

const BEGIN = Date.UTC(2026, 10, 27, 23, 58);
const ALL_TIME = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Everything that a history has stored, decoded. */
function tablesOf(fill: (history: StoredHistory) => void) {
  const store = memoryBackedStore();
  const history = createHistory(store, { clock: virtualClock(BEGIN), log: silentLog });
  fill(history);
  history.close();
  return TIERS.filter((tier) => tier !== "open").map((tier) => [
    tier,
    store
      .meters()
      .toSorted()
      .map((meter) => [
        meter,
        tier === "readings"
          ? [...history.readings(meter, 0, 8e14)]
          : [...store.scan({ tier, meter, ...ALL_TIME })].map(({ slot, bytes }) => [
              slot,
              tier === "days" ? JSON.parse(Buffer.from(bytes).toString()) : decodeSummaries(bytes, store.names),
            ]),
      ]),
  ]);
}

const arbitraryReading: fc.Arbitrary<Reading> = fc
  .record({
    // Minutes to hours apart, and across the end of a day.
    step: fc.oneof(fc.nat(90), fc.nat(4_000)),
    meter: fc.constantFrom("house", "solar"),
    device: fc.constantFrom("A4:C1:37:00:00:01", "A4:C1:37:00:00:02"),
    watts: fc.integer({ min: -2000, max: 2000 }),
    isOnline: fc.boolean(),
  })
  .map(({ step, meter, device, watts, isOnline }) => ({
    ...readingOf(1 + step),
    meter,
    device,
    takenAt: BEGIN + step * 3_000,
    sample: isOnline
      ? { volts: 13 + step / 1000, watts: watts + step / 100, online: 1 }
      : { online: 0, failures: step },
  }));

/** One reading per meter, device and time, as the agents see to. */
const distinct = (readings: readonly Reading[]) => [
  ...new Map(readings.map((each) => [`${each.meter} ${each.device} ${each.takenAt}`, each])).values(),
];

test("readings in any order, with any repeats, in any batches lead to the same tables", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryReading, { minLength: 1, maxLength: 60 }).map(distinct),
      fc.infiniteStream(fc.nat(1000)),
      fc.infiniteStream(fc.constantFrom("flush", "look", "nothing", "repeat")),
      (readings, order, steps) => {
        const inOrder = readings.toSorted((a, b) => a.takenAt - b.takenAt);
        const keys = new Map(readings.map((each) => [each, order.next().value]));
        const shuffled = readings.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        const expected = tablesOf((history) => history.add(inOrder));
        const actual = tablesOf((history) => {
          for (const reading of shuffled) {
            history.add([reading]);
            const step = steps.next().value;
            if (step === "flush") history.flush();
            if (step === "repeat") history.add(shuffled.slice(0, 5));
            if (step === "look") {
              history.energy(reading.meter, 2);
              history.series({ meter: reading.meter, quantities: ["volts"], from: BEGIN, to: BEGIN + 1e7, points: 10 });
            }
          }
        });
        assert.deepEqual(actual, expected);
      },
    ),
    { numRuns: 60 },
  );
});
