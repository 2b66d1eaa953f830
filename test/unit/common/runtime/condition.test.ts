import assert from "node:assert/strict";
import { test } from "node:test";
import { createCondition } from "../../../../common/runtime/condition.ts";

test("a notification resolves every wait that came before it, and none after it", async () => {
  const condition = createCondition();
  const resolved: string[] = [];
  const wait = (name: string) => condition.wait().then(() => void resolved.push(name));
  condition.notify();
  const early = [wait("a"), wait("b")];
  condition.notify();
  const late = wait("c");
  await Promise.all(early);
  assert.deepEqual(resolved, ["a", "b"]);
  condition.notify();
  await late;
});
