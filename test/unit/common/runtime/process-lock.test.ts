import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { isLocked, tryLock } from "../../../../common/runtime/process-lock.ts";

test("a thing has one holder at a time, and a new one after its release", async () => {
  const thing = `test ${randomUUID()}`;
  const first = await tryLock(thing);
  assert.ok(first);
  assert.equal(await tryLock(thing), undefined);
  assert.equal(await isLocked(thing), true);
  const other = await tryLock(`${thing}, another`);
  assert.ok(other);
  await first.release();
  assert.equal(await isLocked(thing), false);
  const second = await tryLock(thing);
  assert.ok(second);
  await second.release();
  await other.release();
});
