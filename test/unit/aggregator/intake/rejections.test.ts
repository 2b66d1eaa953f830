import assert from "node:assert/strict";
import { test } from "node:test";
import { createRejections } from "../../../../aggregator/intake/rejections.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";

function rejectionsWithLog() {
  const clock = virtualClock();
  const logged: string[] = [];
  const rejections = createRejections(clock, { ...silentLog, warn: (message) => logged.push(message) });
  return { clock, logged, rejections };
}

test("the first of each kind is logged at once", () => {
  const { logged, rejections } = rejectionsWithLog();
  rejections.count("malformed", "not a map");
  rejections.count("malformed", "bytes are left over");
  rejections.count("version", "wire version 1, expected 3 or 2");
  assert.deepEqual(logged, [
    "rejected, malformed: not a map; more of this kind are only counted",
    "rejected, version: wire version 1, expected 3 or 2; more of this kind are only counted",
  ]);
  assert.deepEqual(Object.fromEntries(rejections.totals), { malformed: 2, version: 1 });
  rejections.close();
});

test("the others are logged in a summary, and only when there are others", async () => {
  const { clock, logged, rejections } = rejectionsWithLog();
  rejections.count("version", "2");
  await clock.sleep(3_600_000);
  assert.equal(logged.length, 1);
  for (let i = 0; i < 5000; i += 1) rejections.count("malformed", "");
  rejections.count("version", "2");
  await clock.sleep(3_600_000);
  assert.deepEqual(logged.slice(2), ["rejected so far: 2 version, 5000 malformed"]);
  rejections.close();
});

test("the last summary is logged on close, once", () => {
  const { logged, rejections } = rejectionsWithLog();
  rejections.count("kind", "");
  rejections.count("kind", "");
  rejections.close();
  rejections.close();
  assert.deepEqual(logged.slice(1), ["rejected so far: 2 kind"]);
});
