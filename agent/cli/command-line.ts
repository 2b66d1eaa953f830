import { Command, CommanderError, Option } from "commander";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { AgentCommand, Environment, Invocation } from "./command.ts";
import { OPTIONS, type OptionName, type Values, variableOf } from "./options.ts";

const PROGRAM = "bms-agent";
const SEE_HELP = `; ${PROGRAM} --help tells more`;
/** Two ways to say one thing. */
const PIN_OPTIONS: readonly OptionName[] = ["pin", "pinFile"];

const EXIT_STATUS = `Exit status: 0 done, or stopped by a signal; 1 tried and failed; 2 wrong use.
Every long option can come from the environment (--log-level as BMS_LOG_LEVEL); the command line wins.`;

/**
 * What the operator asks for: a command with its options, or a text (help, version).
 * @throws {UsageError}
 */
export function readCommandLine(
  commands: readonly AgentCommand[],
  version: string,
  argv: readonly string[],
  env: Environment,
): Invocation | { readonly text: string } {
  let text = "";
  let invocation: Invocation | undefined;
  const program = new Command(PROGRAM)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      writeErr: () => {},
      getOutHelpWidth: () => 100,
    });
  for (const spec of commands) {
    const command = spec.name === "" ? program : program.command(spec.name);
    declare(command, spec);
    command.allowExcessArguments().action(() => {
      if (command !== program) refuseMisplaced(program, spec);
      const [argument = "", ...more] = spec.argument ? command.args : ["", ...command.args];
      if (more[0] !== undefined) throw new UsageError(tooMuch(more[0], spec));
      invocation = spec.invoke({ values: readValues(command, spec.options, env), env, argument });
    });
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(inOneLine(error), { cause: error });
  }
  return invocation ?? { text };
}

function declare(command: Command, { about, options, argument, examples }: AgentCommand): void {
  command.description(about);
  if (argument) command.argument(argument.optional ? `[${argument.name}]` : `<${argument.name}>`, argument.about);
  for (const name of options) {
    const { flags, about: optionAbout, preset } = OPTIONS[name];
    const otherwise = preset === undefined ? [] : [`default: ${preset}`];
    command.addOption(new Option(flags, `${optionAbout} (${[...otherwise, variableOf(name)].join("; ")})`));
  }
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
  command.addHelpText("after", `\nExamples:\n${lines.join("\n")}\n\n${EXIT_STATUS}`);
}

/** @throws {UsageError} where options of the program stand in front of another command, which would not see them */
function refuseMisplaced(program: Command, { name }: AgentCommand): void {
  if (Object.keys(program.opts()).length > 0)
    throw new UsageError(`say the options behind the command: ${PROGRAM} ${name} …`);
}

/** @throws {UsageError} */
function readValues(command: Command, names: readonly OptionName[], env: Environment): Values {
  const said = command.opts<Record<string, unknown>>();
  const isSaid = (name: OptionName) => said[name] !== undefined;
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const fromEnv = env[variableOf(name)];
    if (isSaid(name)) values[name] = said[name] === true || check(name, flagOf(name), String(said[name]));
    else if (fromEnv && !(PIN_OPTIONS.includes(name) && PIN_OPTIONS.some(isSaid)))
      values[name] = check(name, variableOf(name), fromEnv);
  }
  if (PIN_OPTIONS.every((name) => values[name] !== undefined))
    throw new UsageError("say --pin or --pin-file (BMS_PIN or BMS_PIN_FILE), not both");
  return values;
}

/** @throws {UsageError} that names whoever said it */
function check(name: OptionName, speaker: string, text: string): unknown {
  const { parse, rule } = OPTIONS[name];
  const value = parse(text);
  if (value === undefined) throw new UsageError(`${speaker} ${JSON.stringify(text)}: say ${rule}`);
  return value;
}

const flagOf = (name: OptionName) => /--[a-z-]+/.exec(OPTIONS[name].flags)?.[0] ?? name;

function tooMuch(word: string, { name }: AgentCommand): string {
  const what = name === "" ? `unknown command '${word}'` : `'${word}' is one argument too many for ${name}`;
  return `${what}${SEE_HELP}`;
}

const inOneLine = ({ message }: CommanderError) =>
  `${message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}${SEE_HELP}`;
