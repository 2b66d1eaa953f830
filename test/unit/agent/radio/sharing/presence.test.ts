import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { countPresent, joinPresence } from "../../../../../agent/radio/sharing/presence.ts";

test("processes are counted from joining until leaving", async () => {
  const resource = randomUUID();
  assert.equal(await countPresent(resource), 0);
  const first = await joinPresence(resource);
  const second = await joinPresence(resource);
  assert.equal(await countPresent(resource), 2);
  await first.leave();
  assert.equal(await countPresent(resource), 1);
  await second.leave();
  assert.equal(await countPresent(resource), 0);
});

test("the 65th process on a resource is refused", async () => {
  const resource = randomUUID();
  const members = await Promise.all(Array.from({ length: 64 }, () => joinPresence(resource)));
  await assert.rejects(joinPresence(resource), { message: `64 processes use ${resource} already` });
  await Promise.all(members.map(({ leave }) => leave()));
});
