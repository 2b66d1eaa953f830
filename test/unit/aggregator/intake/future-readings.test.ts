import assert from "node:assert/strict";
import { test } from "node:test";
import { watchFutureReadings } from "../../../../aggregator/intake/future-readings.ts";
import type { Log } from "../../../../common/runtime/log.ts";
import { rowOf } from "../../../support/reading.ts";

const NOW = Date.UTC(2026, 0, 2);
const MINUTE_MS = 60_000;

function setUp() {
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const log: Log = { error: write, warn: write, info: write, debug: write };
  const future = watchFutureReadings({ now: () => NOW }, log);
  let seq = 0;
  const check = (minutes: number, meter = "bms") => {
    seq += 1;
    future.check([rowOf(seq, { meter, takenAt: NOW + minutes * MINUTE_MS })]);
  };
  return { logged, future, check };
}

test("readings ahead of the clock are logged once a meter, and again when they no longer are, and counted", () => {
  const { logged, future, check } = setUp();
  for (const minutes of [-60, 0, 5]) check(minutes);
  assert.equal(logged.length, 0);
  for (const minutes of [10, 11, 12]) check(minutes);
  check(5_256_000, "solar");
  check(0);
  check(10);
  assert.deepEqual(
    logged.map((line) => line.replace(/ and are written.*/, "")),
    [
      'meter "bms": its readings are timed 10 min ahead of this machine\'s clock',
      'meter "solar": its readings are timed 5256000 min ahead of this machine\'s clock',
      'meter "bms": its readings are no longer ahead of the clock',
      'meter "bms": its readings are timed 10 min ahead of this machine\'s clock',
    ],
  );
  assert.equal(future.count, 5);
});

test("thousands of meters are counted, and only as many are logged as are remembered", () => {
  const { logged, future, check } = setUp();
  for (let i = 0; i < 5_000; i += 1) check(60, `meter${i}`);
  assert.deepEqual([logged.length, future.count], [4096, 5_000]);
});
