import assert from "node:assert/strict";
import { test } from "node:test";
import { createRefusals } from "../../../../aggregator/intake/rejections.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";

function refusalsThatSay() {
  const clock = virtualClock();
  const said: string[] = [];
  const refusals = createRefusals(clock, { ...silentLog, warn: (message) => said.push(message) });
  return { clock, said, refusals };
}

test("the first of each kind is told at once", () => {
  const { said, refusals } = refusalsThatSay();
  refusals.count("malformed", "not a map");
  refusals.count("malformed", "bytes are left over");
  refusals.count("version", "version 2, here is 1");
  assert.deepEqual(said, [
    "dropped, malformed: not a map; more of this kind are only counted",
    "dropped, version: version 2, here is 1; more of this kind are only counted",
  ]);
  refusals.close();
});

test("the others are summed up now and then, and only when there are others", async () => {
  const { clock, said, refusals } = refusalsThatSay();
  refusals.count("version", "2");
  await clock.sleep(3_600_000);
  assert.equal(said.length, 1);
  for (let i = 0; i < 5000; i += 1) refusals.count("malformed", "");
  refusals.count("version", "2");
  await clock.sleep(3_600_000);
  assert.deepEqual(said.slice(2), ["dropped so far: 2 version, 5000 malformed"]);
  refusals.close();
});

test("what is not told yet is told at the end", () => {
  const { said, refusals } = refusalsThatSay();
  refusals.count("kind", "");
  refusals.count("kind", "");
  refusals.close();
  refusals.close();
  assert.deepEqual(said.slice(1), ["dropped so far: 2 kind"]);
});
