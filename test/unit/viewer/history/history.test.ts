import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Reading } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { type BackedStore, fileBackedStore, memoryBackedStore } from "../../../../viewer/history/backed-store.ts";
import { createHistory } from "../../../../viewer/history/history.ts";
import { type HistoryFile, openHistoryFile } from "../../../../viewer/history/history-file.ts";
import { decodeSummaries } from "../../../../viewer/history/minute-block.ts";
import { TIERS, type Tier } from "../../../../viewer/history/store.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";
import { NEEDS_SQLITE, openDatabase } from "../../../support/sqlite.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const BEGIN = Date.UTC(2026, 10, 27, 23, 58);
const ALL_TIME = { from: 0, to: Number.MAX_SAFE_INTEGER };

const deps = { clock: virtualClock(BEGIN), log: silentLog };

/** Everything that is stored, decoded. */
function tablesOf(store: BackedStore) {
  const history = createHistory(store, deps);
  const decode = (tier: Tier, bytes: Uint8Array): unknown =>
    tier === "days" ? JSON.parse(Buffer.from(bytes).toString()) : decodeSummaries(bytes, store.names);
  return TIERS.filter((tier) => tier !== "open").map((tier) => [
    tier,
    history
      .meters()
      .toSorted()
      .map((meter) => [
        meter,
        tier === "readings"
          ? [...history.readings(meter, 0, 8e14)]
          : [...store.scan({ tier, meter, ...ALL_TIME })].map(({ slot, bytes }) => [slot, decode(tier, bytes)]),
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

function inOrder(readings: readonly Reading[]) {
  const store = memoryBackedStore();
  const history = createHistory(store, deps);
  history.add(readings.toSorted((a, b) => a.takenAt - b.takenAt));
  history.close();
  return store;
}

/** Adds readings while other things happen. `reopen` ends the process without warning and starts the next. */
function withInterruptions(readings: readonly Reading[], steps: Iterator<string>, reopen: () => BackedStore) {
  let history = createHistory(reopen(), deps);
  let notWritten: Reading[] = [];
  for (const reading of readings) {
    history.add([reading]);
    notWritten.push(reading);
    const step = steps.next().value;
    if (step === "repeat") history.add(readings.slice(0, 5));
    if (step === "look") {
      history.energy(reading.meter, 2);
      history.series({ meter: reading.meter, quantities: ["volts"], from: BEGIN, to: BEGIN + 1e7, points: 10 });
    }
    if (step === "flush" || step === "kill") {
      history.flush();
      notWritten = [];
    }
    if (step === "kill" || step === "kill early") history = createHistory(reopen(), deps);
    if (step === "kill early") history.add(notWritten);
  }
  history.close();
}

const arbitraryReadings = fc.array(arbitraryReading, { minLength: 1, maxLength: 60 }).map(distinct);
const shuffled = (readings: readonly Reading[], order: Iterator<number>) => {
  const keys = new Map(readings.map((each) => [each, order.next().value]));
  return readings.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
};

test("readings in any order, with any repeats, in any batches lead to the same tables", () => {
  fc.assert(
    fc.property(
      arbitraryReadings,
      fc.infiniteStream(fc.nat(1000)),
      fc.infiniteStream(fc.constantFrom("flush", "look", "nothing", "repeat")),
      (readings, order, steps) => {
        const store = memoryBackedStore();
        withInterruptions(shuffled(readings, order), steps, () => store);
        assert.deepEqual(tablesOf(store), tablesOf(inOrder(readings)));
      },
    ),
    { numRuns: 60 },
  );
});

test("the same in a file, with kills at any moment", NEEDS_SQLITE, async (t) => {
  const folder = await temporaryFolder(t);
  let number = 0;
  fc.assert(
    fc.property(
      arbitraryReadings,
      fc.infiniteStream(fc.nat(1000)),
      fc.infiniteStream(fc.constantFrom("flush", "look", "nothing", "repeat", "kill", "kill early")),
      (readings, order, steps) => {
        number += 1;
        const path = join(folder, `${number}.db`);
        let file: HistoryFile | undefined;
        const reopen = () => {
          file?.close();
          file = openFile(path);
          return fileBackedStore(file, 1e9);
        };
        withInterruptions(shuffled(readings, order), steps, reopen);
        assert.deepEqual(tablesOf(reopen()), tablesOf(inOrder(readings)));
        file?.close();
      },
    ),
    { numRuns: 12 },
  );
});

function openFile(path: string): HistoryFile {
  assert.ok(openDatabase);
  const file = openHistoryFile(path, { ...deps, open: openDatabase });
  assert.ok(file);
  return file;
}
