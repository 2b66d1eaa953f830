import type { Finding, Verdict } from "./report.ts";

export interface ScenarioResult {
  readonly scenario: string;
  readonly findings: readonly Finding[];
}

type Row = Readonly<Record<string, string>>;
const NUMBERS: ReadonlySet<string> = new Set(["asked", "answered", "lost"]);
const WORDS: Readonly<Record<Verdict, string>> = {
  passed: "passed",
  failed: "failed",
  missed: "goal missed",
  slow: "too slow to judge",
};

/** Every finding, as text in columns. */
export function formatTable(results: readonly ScenarioResult[]): string {
  return inColumns(
    results.flatMap(({ scenario, findings }) =>
      findings.map(({ expected, verdict, seen = "", ...measured }) => ({
        scenario,
        expected,
        ...figures([measured]),
        verdict: WORDS[verdict],
        seen,
      })),
    ),
  );
}

/** One line for each scenario: the polls and recoveries of all its findings, and how many of them passed. */
export function formatSummary(results: readonly ScenarioResult[]): string {
  return inColumns(
    results.map(({ scenario, findings }) => ({ scenario, ...figures(findings), findings: verdictsOf(findings) })),
  );
}

function verdictsOf(findings: readonly Finding[]): string {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  const others = (["failed", "missed", "slow"] as const).filter((verdict) => count(verdict) > 0);
  return [
    `${count("passed")} of ${findings.length} passed`,
    ...others.map((verdict) => `${count(verdict)} ${WORDS[verdict]}`),
  ].join(", ");
}

function figures(measured: readonly Pick<Finding, "polls" | "recovered">[]): Row {
  const polls = measured.flatMap(({ polls }) => polls ?? []);
  const asked = polls.reduce((sum, poll) => sum + poll.asked, 0);
  const answered = polls.reduce((sum, poll) => sum + poll.answered, 0);
  const shown = (count: number) => (polls.length > 0 ? String(count) : "");
  const recovered = measured.flatMap((finding) => finding.recovered ?? []);
  return {
    asked: shown(asked),
    answered: shown(answered),
    lost: shown(asked - answered),
    "recovered after, s": recovered.length > 0 ? spread(recovered) : "",
  };
}

/** One value, or the median and the worst of several. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (sorted.length === 1) return worst.toFixed(1);
  return `${median.toFixed(1)}, worst ${worst.toFixed(1)} of ${sorted.length}`;
}

/** Rows of the same columns, their names above them. */
function inColumns(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const head = Object.fromEntries(columns.map((column) => [column, column]));
  const widths = columns.map((column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: Row) =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        return NUMBERS.has(column) ? row[column]?.padStart(width) : row[column]?.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [head, ...rows].map(line).join("\n");
}
