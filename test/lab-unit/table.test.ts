import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage } from "../lab/report.ts";
import { formatTable } from "../lab/table.ts";

test("findings stand in columns, a scenario that was too slow says so", () => {
  const table = formatTable([
    {
      scenario: "kills",
      findings: [
        { expected: "the others lose nothing", verdict: "passed", polls: { asked: 420, answered: 420 } },
        { expected: "it comes back", verdict: "slow", recovered: [3, 1, 2], seen: "a timer was 900 ms late" },
      ],
    },
    { scenario: "cold-start", findings: [{ expected: "all are there", verdict: "failed", recovered: [21.04] }] },
  ]);
  assert.equal(
    table,
    [
      "scenario    expected                 asked  answered  lost  recovered after, s   verdict            seen",
      "kills       the others lose nothing    420       420     0                       passed",
      "kills       it comes back                                   2.0, worst 3.0 of 3  too slow to judge  a timer was 900 ms late",
      "cold-start  all are there                                   21.0                 failed",
    ].join("\n"),
  );
});

test("messages of the machine are told from what else it prints", () => {
  const message = { say: "begin", scenario: "kills" } as const;
  assert.deepEqual(decodeMessage(encodeMessage(message).trim()), message);
  assert.equal(decodeMessage("[    1.0] something"), undefined);
});
