import { Command, InvalidArgumentError } from "commander";

export interface SettingsOptions {
  readonly applications: number;
  readonly seed: string;
  readonly kills: number;
  /** Examine this application alone. */
  readonly number: number | undefined;
  /** Only write the recorded part of docs/settings.md. */
  readonly record: boolean;
}

const NOTES = `Each application has its own pack, family of boards, faults and interruption, all chosen by the seed. It ends as applied,
put-back, between, failed (refused or unreadable, nothing written) or killed. Expected of each, from the pack's memory and
the log of requests:
  the pack holds the old values or the new ones, in use and stored, or the registers that it does not hold are reported
  factory mode is left, or a note makes the agent's next start leave it
  the saved state restores the old values, and they outlive a loss of power
  no request is on the air that an application may not send
Exit status: 0 when all of it held; 1 when not; 2 for wrong use.`;

/** Parses the options of `npm run test:settings`. Exits for --help, and with status 2 for wrong use. */
export function parseSettingsOptions(argv: readonly string[]): SettingsOptions {
  const program = new Command("npm run test:settings --")
    .description("Applies changes to simulated packs while everything fails, and examines what is left.")
    .option("--applications <count>", "number of applications in virtual time", count, 1_000)
    .option("--seed <text>", "seed of all choices", "1")
    .option(
      "--kills <count>",
      "number of times that a real bmsctl is killed; 0 runs no real programs at all",
      count,
      10,
    )
    .option("--number <number>", "only this application, with its log and its requests", count)
    .option("--record", "only write the recorded part of docs/settings.md, from real programs and a simulated pack")
    .addHelpText("after", `\n${NOTES}\n`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: "user" });
  const { applications, seed, kills, number, record } = program.opts<Partial<SettingsOptions>>();
  return { applications: applications ?? 0, seed: seed ?? "", kills: kills ?? 0, number, record: record ?? false };
}

function count(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("a number from 0 to 9999999");
  return Number(text);
}
