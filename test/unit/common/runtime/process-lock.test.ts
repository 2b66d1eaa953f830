import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { claim, isClaimed } from "../../../../common/runtime/process-lock.ts";

test("a thing has one holder at a time, and a new one after its release", async () => {
  const thing = `test ${randomUUID()}`;
  const first = await claim(thing);
  assert.ok(first);
  assert.equal(await claim(thing), undefined);
  assert.equal(await isClaimed(thing), true);
  const other = await claim(`${thing}, another`);
  assert.ok(other);
  await first.release();
  assert.equal(await isClaimed(thing), false);
  const second = await claim(thing);
  assert.ok(second);
  await second.release();
  await other.release();
});
