import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../integration/system.ts";
import { inTrueTime } from "../../../support/proof/clock-steps.ts";

const device = "C0:00:00:00:00:01";
const AGENTS = [{ meter: "m1", device }];
const takenAt = (n: number) => 1_000_000_000 + n * 200;
const answers: Answer[] = Array.from({ length: 100 }, (_, n) => ({
  at: takenAt(n),
  device,
  register: "v1",
  sample: { volts: n },
}));
const HOUR_MS = 3_600_000;
/** An hour back after poll 49, and five seconds back after poll 74. */
const STEPS = [
  { at: takenAt(49) + 100, shiftMs: -HOUR_MS },
  { at: takenAt(74) + 100, shiftMs: -HOUR_MS - 5_000 },
];

/** The true time, as ms after the answer, of a row of poll `n` that the agent stored with a shift. */
function trueTimeOf(n: number, shiftMs: number): number {
  const row = { meter: "m1", time: takenAt(n) + 7 + shiftMs, values: { volts: n }, number: n + 1 };
  const [found] = inTrueTime([row], AGENTS, answers, STEPS);
  return (found?.time ?? 0) - takenAt(n);
}

test("a row has the time of the clock at which its reading was taken", () => {
  assert.deepEqual([trueTimeOf(10, 0), trueTimeOf(60, -HOUR_MS), trueTimeOf(80, -HOUR_MS - 5_000)], [7, 7, 7]);
});

test("a reading that is sent after a step may have the time of the later clock", () => {
  assert.deepEqual(
    [trueTimeOf(10, -HOUR_MS), trueTimeOf(10, -HOUR_MS - 5_000), trueTimeOf(60, -HOUR_MS - 5_000)],
    [7, 7, 7],
  );
});

test("a reading that has the time of an earlier clock is found nowhere near its answer", () => {
  assert.ok(Math.abs(trueTimeOf(60, 0)) > 1_000);
  assert.ok(Math.abs(trueTimeOf(90, -HOUR_MS)) > 1_000);
});

test("without steps rows keep their times", () => {
  const rows = [{ meter: "m1", time: 5, values: {}, number: 1 }];
  assert.deepEqual(inTrueTime(rows, AGENTS, answers, []), rows);
});
