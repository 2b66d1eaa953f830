import { Command as CommanderCommand, CommanderError, Option } from "commander";
import { UsageError } from "../runtime/usage-error.ts";
import type { Argument, Command, Invocation } from "./command.ts";
import {
  describeOption,
  type Environment,
  flagOf,
  type OptionRow,
  type OptionTable,
  parseOption,
  readEnvironment,
  takesValue,
} from "./option.ts";

/** A program as its command line sees it. */
export interface Program {
  readonly name: string;
  /** The description of a program without a default command. */
  readonly about?: string;
  /** In the order of the help text. */
  readonly commands: readonly Command[];
  /** Commands that another program has now: command → program. */
  readonly moved?: Readonly<Record<string, string>>;
}

/** The end of every help text and man page. */
export const EXIT_STATUS = `Exit status: 0 done, or stopped by a signal; 1 tried and failed; 2 wrong use.
Every long option has an environment variable (--log-level is BMS_LOG_LEVEL). The command line wins.`;

/** Widest help text, in characters. */
const HELP_WIDTH = 100;

/**
 * The requested command with its options, or the text of `--help` or `--version`, which is wrapped to `columns`.
 * @throws {UsageError}
 */
export function readCommandLine(
  { name, about, commands, moved = {} }: Program,
  version: string,
  argv: readonly string[],
  env: Environment,
  columns = HELP_WIDTH,
): Invocation | { readonly text: string } {
  const [first = ""] = argv;
  if (moved[first]) throw new UsageError(`${name} ${first} is now: ${moved[first]} ${first}`);
  const more = `; see ${name} --help`;
  let text = "";
  let invocation: Invocation | undefined;
  const program = new CommanderCommand(name)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .enablePositionalOptions()
    .allowExcessArguments()
    .exitOverride()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(columns, HELP_WIDTH),
    });
  if (about !== undefined) {
    program.description(about).addHelpText("after", `\n${EXIT_STATUS}`);
    program.action(() => {
      if (program.args[0] !== undefined) throw new UsageError(`unknown command '${program.args[0]}'${more}`);
      program.outputHelp();
    });
  }
  const targets = new Map<string, CommanderCommand>();
  for (const command of commands) {
    const [first = "", second] = command.name.split(" ");
    const parent = second === undefined ? program : (targets.get(first) ?? program);
    const target = command.name === "" ? program : parent.command(second ?? first);
    targets.set(command.name, target);
    declare(target, command);
    if (target === program && commands.length > 1)
      target.description(`${oneLine(command.about)}\n\n${others(name, commands)}`);
    target.allowExcessArguments().action(() => {
      const above = [program, parent].filter((other) => other !== target);
      if (above.some((other) => Object.keys(other.opts()).length > 0))
        throw new UsageError(`options belong after the command: ${name} ${command.name} …`);
      const operands = argumentsOf(command);
      const excess = operands.at(-1)?.isList ? undefined : target.args[operands.length];
      if (excess !== undefined) throw new UsageError(`${excessMessage(excess, command, commands)}${more}`);
      const [argument = "", ...rest] = target.args;
      invocation = command.invoke({ values: readValues(target, command.options, env), env, argument, more: rest });
    });
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0)
      throw new UsageError(`${oneLine(error.message.replace(/^error: /, ""))}${more}`, { cause: error });
  }
  return invocation ?? { text };
}

/** `bmsctl add [options] [name]` */
export function usageOf(program: string, command: Command): string {
  const options = Object.keys(command.options).length > 0 && "[options]";
  return [program, command.name, options, ...argumentsOf(command).map(operandOf)].filter(Boolean).join(" ");
}

export function argumentsOf({ argument, more = [] }: Command): readonly Argument[] {
  return argument ? [argument, ...more] : [];
}

function operandOf({ name, isOptional, isList }: Argument): string {
  const operand = `${name}${isList ? "..." : ""}`;
  return isOptional ? `[${operand}]` : `<${operand}>`;
}

function declare(target: CommanderCommand, command: Command): void {
  const { about, options, examples } = command;
  target.description(oneLine(about)).summary(summaryOf(about));
  for (const argument of argumentsOf(command)) target.argument(operandOf(argument), argument.about);
  for (const row of Object.values(options)) {
    const option = new Option(row.flags, describeOption(row)).conflicts([...(row.conflicts ?? [])]);
    target.addOption(takesValue(row) ? option.argParser(parserOf(row)) : option);
  }
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`);
  target.addHelpText("after", `\nExamples:\n${lines.join("\n")}\n\n${EXIT_STATUS}`);
}

/** The commands stand behind many options in the help text, so they are named at its beginning. */
function others(program: string, commands: readonly Command[]): string {
  const names = commands.flatMap(({ name }) => (name === "" ? [] : [name]));
  return `Other commands: ${names.join(", ")} (see below, and ${program} ${names[0]} --help).`;
}

/** Called for every occurrence of the flag. */
function parserOf(row: OptionRow) {
  return (text: string, earlier: unknown) => {
    const value = parseOption(row, flagOf(row), text);
    return row.isList ? [...((earlier as unknown[] | undefined) ?? []), value] : value;
  };
}

/**
 * Values from the command line, then from the environment, then the presets. Commander's own `env` and `default` are not
 * used: it takes an empty variable for a value, `BMS_ONCE=0` for yes, and a preset for the beginning of a list.
 *
 * @throws {UsageError}
 */
function readValues(target: CommanderCommand, rows: OptionTable, env: Environment): Record<string, unknown> {
  const given = target.opts<Record<string, unknown>>();
  const open = Object.entries(rows).filter(
    ([name, { conflicts = [] }]) => ![name, ...conflicts].some((other) => other in given),
  );
  return { ...readEnvironment(Object.fromEntries(open), env), ...given };
}

function excessMessage(word: string, { name }: Command, commands: readonly Command[]): string {
  if (name !== "") return `'${word}' is one argument too many for ${name}`;
  return commands.length > 1 ? `unknown command '${word}'` : `unexpected argument '${word}'`;
}

/** The first sentence of a command's description. */
export function summaryOf(about: string): string {
  return oneLine(about).replace(/([.:;]) .*|\.$/, "");
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ");
