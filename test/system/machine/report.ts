import assert from "node:assert/strict";
import type { TestContext } from "node:test";

/** A message of the machine to the host: one JSON object a line on the second serial port. */
export type Message =
  | { readonly kind: "finding"; readonly finding: Finding }
  /** The end of the run. `seconds` by the machine's clock; `busy`: the part of them that its processor worked. */
  | { readonly kind: "end"; readonly seconds: number; readonly busy: number }
  /** The run continues after a reboot. */
  | { readonly kind: "reboot" }
  /** The machine's kernel has hit a bug of its own: nothing that it has reported counts. */
  | { readonly kind: "kernel-bug"; readonly line: string };

/**
 * - `passed`, `failed`: the expectation held, or did not
 * - `goal missed`: a goal was reached too late, which is not a failure
 * - `too slow to judge`: it did not hold, and the machine's processor was too busy for that to prove anything
 */
export type Verdict = "passed" | "failed" | "goal missed" | "too slow to judge";

/** One expectation, and the figures that were measured. */
export interface Finding {
  readonly expected: string;
  readonly verdict: Verdict;
  /** Polls of the agents that the expectation is about. */
  readonly polls?: PollCount;
  /** Seconds from the end of a fault to the next answer, one for each time and agent. */
  readonly recovered?: readonly number[];
  /** Other figures; with a failure, the reason. */
  readonly seen?: string;
}

export interface PollCount {
  readonly asked: number;
  readonly answered: number;
}

export function encodeMessage(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** Returns undefined for a line that is not a message. */
export function decodeMessage(line: string): Message | undefined {
  return line.startsWith('{"kind":') ? (JSON.parse(line) as Message) : undefined;
}

/** The figures of one finding or of several: polls answered, seconds to recover. */
export function formatFigures(findings: readonly Finding[]): string {
  const polls = findings.flatMap(({ polls }) => polls ?? []);
  const recovered = findings.flatMap(({ recovered }) => recovered ?? []).sort((a, b) => a - b);
  const sum = (count: keyof PollCount) => polls.reduce((total, poll) => total + poll[count], 0);
  const median = recovered[Math.floor((recovered.length - 1) / 2)]?.toFixed(1);
  const worst = recovered.at(-1)?.toFixed(1);
  return [
    polls.length > 0 && `${sum("answered")} of ${sum("asked")} polls answered`,
    recovered.length > 0 &&
      `recovered after ${recovered.length === 1 ? `${median} s` : `${median} s, worst ${worst} s of ${recovered.length}`}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** How many findings passed, how many did not, and their figures. */
export function formatSummary(findings: readonly Finding[]): string {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  const others = (["failed", "goal missed", "too slow to judge"] as const).filter((verdict) => count(verdict) > 0);
  return [
    [`${count("passed")} of ${findings.length} passed`, ...others.map((verdict) => `${count(verdict)} ${verdict}`)],
    [formatFigures(findings)].filter((figures) => figures !== ""),
  ]
    .flat()
    .join("; ");
}

/** One finding as a subtest, with its figures. A missed goal passes; a finding that was too slow to judge fails. */
export async function subtest(t: TestContext, finding: Finding): Promise<void> {
  const { expected, verdict, seen } = finding;
  const figures = [verdict !== "passed" && verdict, formatFigures([finding]), seen].filter(Boolean).join("; ");
  await t.test(expected, (subtest) => {
    if (verdict === "failed" || verdict === "too slow to judge") assert.fail(figures);
    if (figures !== "") subtest.diagnostic(figures);
  });
}
