import assert from "node:assert/strict";
import { test } from "node:test";
import { createNameWatch } from "../../../../aggregator/intake/duplicate-meters.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { readingOf } from "../../../support/reading.ts";

test("says once that another device uses a name", () => {
  const said: string[] = [];
  const watch = createNameWatch({ ...silentLog, warn: (message) => said.push(message) });
  const [one, other] = ["A4:C1:37:00:00:01", "A4:C1:37:00:00:02"];
  for (const device of [one, one, other, one, other]) watch(readingOf(1, { device }));
  watch(readingOf(1, { device: other, meter: "solar" }));
  assert.deepEqual(said, [`meter "bms" names ${other} and ${one}: unless one replaces the other, give each --meter`]);
});
