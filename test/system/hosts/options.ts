import { randomInt } from "node:crypto";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { PART_NAMES } from "./part-names.ts";

export interface HostsOptions {
  readonly long: boolean;
  readonly seed: string;
  readonly parts: readonly string[];
}

const NOTES = `All times are the machine's: its processor executes 500 million instructions a second by its own clock, which skips the
time in which it is idle. Exit status: 0 when every expectation held; 1 when one did not; 2 for wrong use.`;

/** Parses the options of `npm run test:hosts`. Exits for --help, and with status 2 for wrong use. */
export function parseHostsOptions(argv: readonly string[]): HostsOptions {
  const program = new Command("npm run test:hosts --")
    .description("Runs a house and a shed as two hosts in a virtual machine, with a slow and lossy link between them.")
    .addArgument(new Argument("[part...]", "parts to run (default: all)").choices(PART_NAMES))
    .option(
      "--long",
      "cuts of up to 10 minutes, the backlog of an hour, traffic of an idle connection, and more kills",
      false,
    )
    .addOption(new Option("--seed <text>", "seed of the kills and of the faults of the link").argParser(word))
    .addHelpText("after", `\n${NOTES}\n`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: "user" });
  const { long, seed = String(randomInt(1_000_000)) } = program.opts<{ long: boolean; seed?: string }>();
  return { long, seed, parts: program.args.length > 0 ? program.args : PART_NAMES };
}

/** A word that the kernel's command line can carry. @throws {InvalidArgumentError} */
function word(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(text)) throw new InvalidArgumentError("at most 32 letters, digits, - and _");
  return text;
}
