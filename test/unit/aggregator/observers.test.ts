import assert from "node:assert/strict";
import { test } from "node:test";
import { createObservers } from "../../../aggregator/observers.ts";
import type { Row } from "../../../common/model/row.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { rowOf } from "../../support/reading.ts";

test("every observer gets every batch; one that fails is logged once and harms nobody", async () => {
  const logged: string[] = [];
  const seen: (readonly Row[])[] = [];
  const observe = createObservers(
    [
      () => {
        throw new Error("no room");
      },
      async () => {
        throw new Error("too late");
      },
      (readings) => seen.push(readings),
    ],
    { ...silentLog, error: (message) => logged.push(message) },
  );
  const batches = [[rowOf(1), rowOf(2)], [rowOf(3)]];
  for (const batch of batches) observe(batch);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, batches);
  assert.deepEqual(logged, [
    "an observer of readings failed, delivery goes on: Error: no room",
    "an observer of readings failed, delivery goes on: Error: too late",
  ]);
});
