import assert from "node:assert/strict";
import { test } from "node:test";
import { watchProcessor } from "../../../system/lab/guest/processor.ts";

test("the busy part of the time since a moment; without time to spare nothing can be judged", () => {
  let now = { at: 1000, all: 0, idle: 0 };
  const processor = watchProcessor(() => now);
  assert.equal(processor.busySince(1000), 0);
  now = { at: 2000, all: 100, idle: 60 };
  assert.equal(processor.busySince(1000), 0.4);
  assert.equal(processor.wasFullSince(1000), false);
  now = { at: 3000, all: 1000, idle: 10 };
  assert.equal(processor.wasFullSince(1000), true);
});
