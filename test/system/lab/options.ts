import { Command, InvalidArgumentError, Option } from "commander";

export interface LabOptions {
  /** Names of scenarios, or `shell` alone; empty means all. */
  readonly scenarios: readonly string[];
  readonly kills: number;
}

interface Known {
  readonly name: string;
  readonly about: string;
}

const MEANING = `Each scenario has a machine of its own, as many at a time as there are processors. All times are the machine's: its
processor executes 500 million instructions a second by its own clock, however busy this computer is. A scenario whose
kernel met a bug of its own is void and begun anew. What a machine with no time to spare did not do in time is tried once
more, and then called too slow to judge, which is not passed.

Exit status: 0 when every expectation held, limits in seconds included; else 1; 2 wrong use. A cold start within 20 s is a
goal: missed, it is told, and no failure.`;

export const SHELL = "shell";

/** The options of `npm run lab`. Ends the process for --help and for what it cannot make sense of, with status 2. */
export function parseLabOptions(argv: readonly string[], known: readonly Known[]): LabOptions {
  const width = Math.max(...known.map(({ name }) => name.length)) + 2;
  const list = known.map(({ name, about }) => `  ${name.padEnd(width)}${about}`).join("\n");
  const program = new Command("npm run lab --")
    .description(
      "Runs agents over a real kernel and a real BlueZ in a virtual machine with a virtual Bluetooth controller.",
    )
    .argument("[scenario...]", `which to run; all when none is named; "${SHELL}" gives a prompt in the machine`)
    .addOption(new Option("--kills <count>", "kills in the scenario of that name").default(60).argParser(count))
    .addHelpText("after", `\nScenarios:\n${list}\n\n${MEANING}\n`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: "user" });
  const unknown = program.args.filter((name) => name !== SHELL && !known.some((scenario) => scenario.name === name));
  if (unknown.length > 0) program.error(`no such scenario: ${unknown.join(", ")}; --help lists them`);
  if (program.args.includes(SHELL) && program.args.length > 1) program.error(`"${SHELL}" stands alone`);
  return { scenarios: program.args, kills: program.opts<{ kills: number }>().kills };
}

function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("a number from 1 to 99999");
  return Number(text);
}
