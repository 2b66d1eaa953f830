import assert from "node:assert/strict";
import { test } from "node:test";
import { createPatience, patienceTimes } from "../../../../../agent/radio/bluez/patience.ts";

const MINUTE_MS = 60_000;

/** A process that waits five minutes, and its time. */
function fiveMinutes() {
  let minutes = 0;
  const patience = createPatience(patienceTimes(5 * MINUTE_MS), () => minutes * MINUTE_MS);
  return {
    patience,
    pass(more: number) {
      minutes += more;
    },
  };
}

test("patience ends a while after the start where nothing answers", () => {
  const { patience, pass } = fiveMinutes();
  pass(4);
  assert.equal(patience.isOver(), false);
  pass(1);
  assert.equal(patience.isOver(), true);
});

test("a link that has brought an answer is fine however seldom its device is asked; the loss begins the wait", () => {
  const { patience, pass } = fiveMinutes();
  patience.answered();
  pass(600);
  assert.equal(patience.isOver(), false);
  patience.lost();
  assert.equal(patience.isOver(), false);
  pass(5);
  assert.equal(patience.isOver(), true);
});

test("links that bring no answer prolong nothing", () => {
  const { patience, pass } = fiveMinutes();
  pass(3);
  patience.lost();
  pass(2);
  assert.equal(patience.isOver(), true);
});

test("each switching that has not helped is waited for longer, up to a day", () => {
  const { patience, pass } = fiveMinutes();
  for (const minutes of [5, 15, 30, 60, 120, 240, 480, 960, 1440, 1440]) {
    pass(minutes - 1);
    assert.equal(patience.isOver(), false, `${minutes - 1} min`);
    pass(1);
    assert.equal(patience.isOver(), true, `${minutes} min`);
    patience.restarted();
  }
});

test("an answer makes patience as short as at first", () => {
  const { patience, pass } = fiveMinutes();
  pass(5);
  patience.restarted();
  patience.answered();
  patience.lost();
  pass(5);
  assert.equal(patience.isOver(), true);
});

test("whoever was not told to switch is patient for ever", () => {
  const patience = createPatience(patienceTimes(Number.POSITIVE_INFINITY), () => 1e12);
  assert.equal(patience.isOver(), false);
});
