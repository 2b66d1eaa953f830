import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import { couldBe, pollsOf } from "../../../support/proof/polls.ts";

const DEVICE = "A4:C1:37:00:00:01";
const answer = (at: number, register: string, sample: Answer["sample"], fault?: string): Answer => ({
  at,
  device: DEVICE,
  register,
  sample,
  ...(fault !== undefined && { fault }),
});

test("a pack's poll is an answer of 03 and the one of 04 that follows, ready with the second", () => {
  const polls = pollsOf(
    [
      answer(1, "03", { volts: 13.28 }),
      answer(2, "04", { cell1: 3320 }),
      answer(201, "03", { volts: 13.29 }),
      answer(202, "04", { cell1: 3321 }),
    ],
    DEVICE,
  );
  assert.deepEqual(polls, [
    { readyAt: 2, isComplete: true, registers: [[{ volts: 13.28 }], [{ cell1: 3320 }]] },
    { readyAt: 202, isComplete: true, registers: [[{ volts: 13.29 }], [{ cell1: 3321 }]] },
  ]);
});

test("a register that was requested again has several answers, and the row may hold any one of them", () => {
  const [poll, ...others] = pollsOf(
    [
      answer(1, "03", { volts: 13.28 }),
      answer(2, "03", { volts: 13.29 }),
      answer(3, "04", { cell1: 3320 }),
      answer(4, "04", { cell1: 3321 }),
    ],
    DEVICE,
  );
  assert.ok(poll);
  assert.deepEqual(others, []);
  assert.equal(poll.readyAt, 3);
  assert.ok(couldBe(poll, { volts: 13.28, cell1: 3321 }));
  assert.ok(!couldBe(poll, { volts: 13.3, cell1: 3321 }), "no answer held that");
  assert.ok(!couldBe(poll, { volts: 13.28 }), "a column is missing");
  assert.ok(!couldBe(poll, { volts: 13.28, cell1: 3321, amps: 1 }), "a column too many");
});

test("spoiled answers and those of other devices do not count", () => {
  const spoiled = answer(1, "03", {}, "link lost");
  assert.deepEqual(pollsOf([spoiled, { ...answer(2, "v1", {}), device: "C0:00:00:00:00:01" }], DEVICE), []);
});

test("a poll that broke off after 03 is not complete; a monitor's value always is", () => {
  const isComplete = (register: string) => pollsOf([answer(1, register, { volts: 13 })], DEVICE)[0]?.isComplete;
  assert.equal(isComplete("03"), false);
  assert.equal(isComplete("v1"), true);
});
