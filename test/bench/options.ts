import { Command, InvalidArgumentError } from "commander";
import type { Question } from "./question.ts";

export interface BenchOptions {
  /** Names of the questions to ask. */
  readonly questions: readonly string[];
  readonly quick: boolean;
  /** File for the answers. */
  readonly json?: string;
  /** Files with answers of earlier runs, for the document. */
  readonly from: readonly string[];
  /** Write docs/benchmarks.md. */
  readonly write: boolean;
  /** Instead of the question's usual number. */
  readonly runs?: number;
}

/** Parses the arguments. A mistake ends the process with exit status 2 and one line on stderr. */
export function parseBenchOptions(
  args: readonly string[],
  questions: readonly Pick<Question, "name" | "title" | "isSlow">[],
): BenchOptions {
  const all = questions.map(({ name }) => name);
  const width = Math.max(...all.map((name) => name.length));
  const command = new Command("npm run bench --")
    .description("Measures what the programs cost, beside baselines started in the same run.")
    .argument("[question...]", "questions to ask (default: all; with --quick those that are quick)")
    .option("--quick", "short runs, two minutes in all; fails only where a ratio is far beyond its limit", false)
    .option("--json <file>", "write the answers to a file as well")
    .option("--write", "write docs/benchmarks.md and its charts", false)
    .option(
      "--from <file>",
      "with --write: answers of an earlier run, by --json; then only named questions are asked; repeatable",
      collect,
      [],
    )
    .option("--runs <count>", "repetitions of each measurement (default: 3, with --quick 1)", count)
    .addHelpText(
      "after",
      `\nQuestions:\n${questions.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join("\n")}`,
    )
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "bench: ")) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse([...args], { from: "user" });
  const given = command.opts<Omit<BenchOptions, "questions">>();
  const usual = given.from.length > 0 ? [] : questions.filter(({ isSlow }) => !(given.quick && isSlow));
  const named = command.processedArgs[0] as readonly string[];
  const chosen = named.length > 0 ? named : usual.map(({ name }) => name);
  if (given.from.length > 0 && !given.write) command.error("error: --from needs --write");
  const unknown = chosen.find((name) => !all.includes(name));
  if (unknown !== undefined) command.error(`error: no question ${unknown}: choose from ${all.join(", ")}`);
  return { questions: chosen, ...given };
}

const collect = (file: string, before: readonly string[]) => [...before, file];

function count(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1 to 99.");
  return Number(text);
}
