import assert from "node:assert/strict";
import { test } from "node:test";
import { watchDuplicateMeters } from "../../../../aggregator/intake/duplicate-meters.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { readingOf } from "../../../support/reading.ts";

test("a second device under the name of a meter is logged once", () => {
  const logged: string[] = [];
  const watch = watchDuplicateMeters({ ...silentLog, warn: (message) => logged.push(message) });
  const [one, other] = ["A4:C1:37:00:00:01", "A4:C1:37:00:00:02"];
  for (const device of [one, one, other, one, other]) watch(readingOf(1, { device }));
  watch(readingOf(1, { device: other, meter: "solar" }));
  watch(readingOf(1, { device: other, site: "shed" }));
  assert.deepEqual(logged, [
    `meter "bms" is used by ${other} and ${one}: unless one replaces the other, give each its own --meter`,
  ]);
});

test("what is remembered of one meter is bounded: sixteen devices, and fifteen log lines", () => {
  const logged: string[] = [];
  const watch = watchDuplicateMeters({ ...silentLog, warn: (message) => logged.push(message) });
  for (let i = 0; i < 1_000; i++) watch(readingOf(1, { device: `A4:C1:37:00:0${i % 10}:${10 + (i % 90)}` }));
  assert.equal(logged.length, 15);
});
