import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Finding, formatFigures } from "./report.ts";

/** One finding as a subtest, with its figures. A missed goal passes; a finding that was too slow to judge fails. */
export async function subtest(t: TestContext, finding: Finding): Promise<void> {
  const { expected, verdict, seen } = finding;
  const figures = [verdict !== "passed" && verdict, formatFigures([finding]), seen].filter(Boolean).join("; ");
  await t.test(expected, (subtest) => {
    if (verdict === "failed" || verdict === "too slow to judge") assert.fail(figures);
    if (figures !== "") subtest.diagnostic(figures);
  });
}
