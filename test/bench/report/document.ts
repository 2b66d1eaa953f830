import type { Answer, Budget, Measure, Question } from "../question.ts";
import { figureText } from "./table.ts";

export type Answered = Pick<Question, "name" | "title"> & Answer;

export interface Environment {
  /** Date of the run, as 2026-11-27. */
  readonly date: string;
  readonly machine: string;
  /** Program → version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** docs/benchmarks.md. The findings are written by hand; their headings are of the third level. */
export function benchmarksDocument(
  answers: readonly Answered[],
  environment: Environment,
  findings: readonly string[],
): string {
  const { date, machine, versions } = environment;
  const sections = [
    "# Benchmarks",
    "<!-- Written by `npm run bench -- --write`; what follows “Where the time goes” comes from test/bench/findings/. -->",
    "For engineers: what the programs cost, beside other programs that were started in the same run on the same machine.",
    `Measured on ${date}: ${machine}. ${Object.entries(versions)
      .map(([program, version]) => `${program} ${version}`)
      .join(", ")}. The ratios carry over to other machines, the figures do not.`,
    BASELINES,
    "## Budgets",
    `${answers.flatMap(({ budgets }) => budgets).filter(({ isMet }) => isMet).length} of ${answers.flatMap(({ budgets }) => budgets).length} are met. A limit that names another program is a ratio of the two medians.`,
    table(
      ["question", "budget", "measured", ""],
      answers.flatMap(({ name, budgets }) =>
        budgets.map((budget) => [`[${name}](#${anchor(name)})`, ...budgetCells(budget)]),
      ),
    ),
    ...answers.flatMap(section),
    ...(findings.length > 0 ? ["## Where the time goes"] : []),
    ...findings.map((text) => text.trim()),
  ];
  return `${sections.join("\n\n")}\n`;
}

const BASELINES = `| baseline | program |
|---|---|
| peer | aiobmsble with bleak, in Python, over the same scripted BlueZ; or over a link within its own process, where the agent has a socket to the simulator |
| naive | \`test/bench/baselines\`: the same npm packages with their defaults, one map a message, one write a reading |
| Telegraf | the real one, with the shipped configuration and an output that discards everything |
| bare | a Node without a program |

The agent, the aggregator and the Node of the naive programs are those of the Debian package: Node 24, with the flags and the
environment of the units in \`systemd/\`. Figures are medians of several runs, with the lowest and the highest value in
parentheses, or of one. \`npm run bench -- QUESTION\` repeats a question, \`npm run bench -- --help\` lists them.`;

const budgetCells = ({ what, figure, isMet }: Budget) => [what, figure, isMet ? "met" : "**not met**"];

function section({ name, title, measures, notes }: Answered): string[] {
  return [
    `## ${heading(name)}`,
    `${title}.`,
    ...(measures.length > 0 ? [`![${title}](benchmarks/${name}.svg)`] : []),
    ...(measures.length > 0 ? [table(["", "", "figure"], measures.flatMap(measureRows))] : []),
    ...notes.map((note) => wrap(note)),
  ];
}

const heading = (name: string) => name[0]?.toUpperCase() + name.slice(1);
const anchor = (name: string) => name;

function measureRows(measure: Measure): string[][] {
  const { what, unit, series } = measure;
  return series.map(({ subject, values }, i) => [
    i === 0 ? what : "",
    subject,
    `${figureText(measure, values)} ${unit}`.trim(),
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** Lines of at most 120 characters. */
function wrap(text: string): string {
  return text.replace(/(?=.{121})(.{1,120}) /g, "$1\n");
}
