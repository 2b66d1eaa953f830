import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage, type Finding, formatSummary } from "../../system/machine/report.ts";

const polls = (asked: number, answered: number): Partial<Finding> => ({ polls: { asked, answered } });
const finding = (verdict: Finding["verdict"], figures: Partial<Finding> = {}): Finding => ({
  expected: "it works",
  verdict,
  ...figures,
});

const summaries: [about: string, findings: Finding[], summary: string][] = [
  [
    "polls and recoveries",
    [finding("passed", polls(420, 420)), finding("passed", { recovered: [3, 1, 2] }), finding("passed", polls(80, 79))],
    "3 of 3 passed; 499 of 500 polls answered; recovered after 2.0 s, worst 3.0 s of 3",
  ],
  [
    "only what passed counts as passed",
    [finding("failed"), finding("goal missed", { recovered: [21.04] }), finding("too slow to judge")],
    "0 of 3 passed; 1 failed; 1 goal missed; 1 too slow to judge; recovered after 21.0 s",
  ],
];
for (const [about, findings, summary] of summaries) {
  test(`summary: ${about}`, () => assert.equal(formatSummary(findings), summary));
}

test("a message of the machine differs from its other output", () => {
  const message = { kind: "kernel-bug", line: "BUG: something" } as const;
  assert.deepEqual(decodeMessage(encodeMessage(message).trim()), message);
  assert.equal(decodeMessage("[    1.0] something"), undefined);
});
