import assert from "node:assert/strict";
import { test } from "node:test";
import { trimMemory } from "../../../../common/runtime/trim-memory.ts";

test("memory is trimmed by a collection that spares nothing", (t) => {
  const { gc } = globalThis;
  t.after(() => Object.assign(globalThis, { gc }));
  const calls: unknown[] = [];
  Object.assign(globalThis, { gc: (options: unknown) => calls.push(options) });
  trimMemory();
  assert.deepEqual(calls, [{ type: "major", execution: "sync", flavor: "last-resort" }]);
});

test("nothing happens where Node does not offer its collector", (t) => {
  const { gc } = globalThis;
  t.after(() => Object.assign(globalThis, { gc }));
  Object.assign(globalThis, { gc: undefined });
  trimMemory();
});
