import assert from "node:assert/strict";
import { test } from "node:test";
import { steadySchedule } from "../../../../agent/polling/schedule.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";

test("polls are due at start + n × period, however long the answers take", async () => {
  const clock = virtualClock();
  await clock.sleep(5_000);
  const schedule = steadySchedule(1_000, clock);
  const due: number[] = [];
  for (const answerMs of [0, 900, 1, 333]) {
    const moment = schedule.next();
    due.push(moment);
    await clock.sleep(moment - clock.monotonic());
    await clock.sleep(answerMs);
    schedule.answered();
  }
  assert.deepEqual(due, [5_000, 6_000, 7_000, 8_000]);
});

test("a period without an answer is due at once, until it ends", async () => {
  const clock = virtualClock();
  const schedule = steadySchedule(1_000, clock);
  await clock.sleep(schedule.next());
  await clock.sleep(700);
  assert.ok(schedule.next() <= clock.monotonic());
  schedule.answered();
  assert.equal(schedule.next(), 1_000);
});

test("periods that pass during an answer are skipped, not made up for", async () => {
  const clock = virtualClock();
  const schedule = steadySchedule(1_000, clock);
  schedule.next();
  await clock.sleep(2_500);
  schedule.answered();
  assert.equal(schedule.next(), 3_000);
});

test("a timer that fires slightly early does not make its period due twice", async () => {
  const clock = virtualClock();
  const schedule = steadySchedule(1_000, clock);
  schedule.answered();
  await clock.sleep(999.6);
  schedule.answered();
  assert.equal(schedule.next(), 2_000);
});
