import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { joinRoll, readRoll } from "../../../../../agent/radio/sharing/presence.ts";
import { claim } from "../../../../../common/runtime/process-lock.ts";

const newThing = () => `test ${randomUUID()}`;

test("everybody on the roll says how it fares, until it leaves", async () => {
  const thing = newThing();
  assert.deepEqual(await readRoll(thing), []);
  let word = "well";
  const first = await joinRoll(thing, () => "well");
  const second = await joinRoll(thing, () => word);
  assert.deepEqual(await readRoll(thing), ["well", "well"]);
  word = "failing";
  assert.deepEqual((await readRoll(thing)).sort(), ["failing", "well"]);
  await first.leave();
  assert.deepEqual(await readRoll(thing), ["failing"]);
  await second.leave();
  assert.deepEqual(await readRoll(thing), []);
});

test("one that is frozen is there and says nothing", async () => {
  const thing = newThing();
  const frozen = await claim(`place 0 on the roll of ${thing}`, () => {});
  assert.deepEqual(await readRoll(thing, 10), [undefined]);
  await frozen?.release();
});

test("a roll has an end", async () => {
  const thing = newThing();
  const places = await Promise.all(Array.from({ length: 64 }, () => joinRoll(thing, () => "well")));
  await assert.rejects(
    joinRoll(thing, () => "well"),
    /64 processes use/,
  );
  await Promise.all(places.map((place) => place.leave()));
});
