import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage } from "../../system/lab/report.ts";
import { formatSummary, formatTable, type ScenarioResult } from "../../system/lab/table.ts";

const RESULTS: readonly ScenarioResult[] = [
  {
    scenario: "kills",
    findings: [
      { expected: "the others lose nothing", verdict: "passed", polls: { asked: 420, answered: 420 } },
      { expected: "it comes back", verdict: "slow", recovered: [3, 1, 2], seen: "a timer was 900 ms late" },
    ],
  },
  {
    scenario: "cold-start",
    findings: [
      { expected: "all are there", verdict: "missed", recovered: [21.04] },
      { expected: "every poll is answered", verdict: "failed", polls: { asked: 80, answered: 79 } },
    ],
  },
];

test("findings stand in columns, one that was too slow says so", () => {
  assert.equal(
    formatTable(RESULTS),
    [
      "scenario    expected                 asked  answered  lost  recovered after, s   verdict            seen",
      "kills       the others lose nothing    420       420     0                       passed",
      "kills       it comes back                                   2.0, worst 3.0 of 3  too slow to judge  a timer was 900 ms late",
      "cold-start  all are there                                   21.0                 goal missed",
      "cold-start  every poll is answered      80        79     1                       failed",
    ].join("\n"),
  );
});

test("a line for each scenario sums up its polls and its recoveries, and counts only what passed as passed", () => {
  assert.equal(
    formatSummary(RESULTS),
    [
      "scenario    asked  answered  lost  recovered after, s   findings",
      "kills         420       420     0  2.0, worst 3.0 of 3  1 of 2 passed, 1 too slow to judge",
      "cold-start     80        79     1  21.0                 0 of 2 passed, 1 failed, 1 goal missed",
    ].join("\n"),
  );
});

test("messages of the machine are told from what else it prints", () => {
  const message = { say: "oops", line: "BUG: something" } as const;
  assert.deepEqual(decodeMessage(encodeMessage(message).trim()), message);
  assert.equal(decodeMessage("[    1.0] something"), undefined);
});
