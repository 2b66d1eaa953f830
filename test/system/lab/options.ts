import { Command, InvalidArgumentError, Option } from "commander";
import { SCENARIOS } from "./scenarios/list.ts";

export interface LabOptions {
  /** Names of scenarios, or `shell` alone. */
  readonly scenarios: readonly string[];
  readonly kills: number;
}

const NOTES = `Each scenario has a machine of its own; as many run at a time as there are processors. All times are the machine's: its
processor executes 500 million instructions a second by its own clock, however busy this computer is. A run whose kernel
hits one of its own bugs does not count and is repeated. An expectation that was missed while the machine's processor was
too busy is tried once more, and then fails as too slow to judge.

Exit status: 0 when every expectation held, limits in seconds included; 1 when one did not; 2 for wrong use. A cold start
within 20 s is a goal: missing it is reported and is not a failure.`;

export const SHELL = "shell";

/** Parses the options of `npm run lab`. Exits for --help, and with status 2 for wrong use. */
export function parseLabOptions(argv: readonly string[]): LabOptions {
  const names = SCENARIOS.map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const list = SCENARIOS.map(({ name, about }) => `  ${name.padEnd(width)}${about}`).join("\n");
  const program = new Command("npm run lab --")
    .description("Runs agents over a real kernel and BlueZ in virtual machines with a virtual Bluetooth controller.")
    .argument("[scenario...]", `scenarios to run (default: all); "${SHELL}" opens a shell in the machine`)
    .addOption(new Option("--kills <count>", "kills in the scenario of that name").default(60).argParser(count))
    .addHelpText("after", `\nScenarios:\n${list}\n\n${NOTES}\n`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: "user" });
  const unknown = program.args.filter((name) => name !== SHELL && !names.includes(name));
  if (unknown.length > 0) program.error(`no such scenario: ${unknown.join(", ")}; --help lists them`);
  if (program.args.includes(SHELL) && program.args.length > 1) program.error(`"${SHELL}" takes no scenario`);
  const scenarios = program.args.length > 0 ? program.args : names;
  return { scenarios, kills: program.opts<{ kills: number }>().kills };
}

function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("a number from 1 to 99999");
  return Number(text);
}
