import type { Finding } from "./report.ts";

const COLUMNS = ["scenario", "expected", "asked", "answered", "lost", "recovered after, s", "verdict", "seen"] as const;
type Row = Record<(typeof COLUMNS)[number], string>;
const NUMBERS: ReadonlySet<string> = new Set(["asked", "answered", "lost"]);

export interface ScenarioResult {
  readonly scenario: string;
  readonly findings: readonly Finding[];
}

/** The results as text in columns. */
export function formatTable(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ scenario, findings }) => findings.map((finding) => toRow(scenario, finding)));
  const head = Object.fromEntries(COLUMNS.map((column) => [column, column])) as Row;
  const widths = COLUMNS.map((column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row: Row) =>
    COLUMNS.map((column, index) => {
      const width = widths[index] ?? 0;
      return NUMBERS.has(column) ? row[column].padStart(width) : row[column].padEnd(width);
    })
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

function toRow(scenario: string, { expected, polls, recovered, verdict, seen }: Finding): Row {
  return {
    scenario,
    expected,
    asked: polls ? String(polls.asked) : "",
    answered: polls ? String(polls.answered) : "",
    lost: polls ? String(polls.asked - polls.answered) : "",
    "recovered after, s": recovered && recovered.length > 0 ? spread(recovered) : "",
    verdict: verdict === "slow" ? "too slow to judge" : verdict,
    seen: seen ?? "",
  };
}

/** One value, or the median and the worst of several. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (sorted.length === 1) return worst.toFixed(1);
  return `${median.toFixed(1)}, worst ${worst.toFixed(1)} of ${sorted.length}`;
}
