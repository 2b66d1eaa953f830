import { Command, CommanderError, Option } from "commander";
import { anEndpoint, type OptionValue, oneOf, onOrOff } from "../../common/cli/option-types.ts";
import { LOG_LEVELS, type LogLevel } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { defaultEndpoint } from "../../common/wire/endpoint.ts";
import { TELEGRAF_CONFIGURATION } from "../check/configuration.ts";
import { type OutputUrl, parseOutput } from "../outputs/output-url.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AggregatorOptions {
  /** At least one, none twice. */
  readonly outputs: readonly OutputUrl[];
  readonly endpoint: string;
  /** Time that Telegraf may take from reading to storing, ms. */
  readonly settleMs: number;
  readonly logLevel: LogLevel;
  /** Only check the outputs. */
  readonly check: boolean;
  /** Print the result of `check` as JSON. */
  readonly json: boolean;
  /** Telegraf's configuration for `check`, files or folders; absent: where Telegraf's packages have it. */
  readonly telegrafConfig?: readonly string[];
}

const PROGRAM = "bms-aggregator";
const DEFAULT_SETTLE_S = 30;
const LONGEST_SETTLE_S = 86_400;
interface OptionSpec<T> extends OptionValue<T> {
  /** As commander writes them; a switch has no `<…>`. */
  readonly flags: string;
  readonly variable: string;
  /** May be said several times; the variable holds words with blanks between them. */
  readonly isList?: boolean;
  readonly about: string;
  /** What holds where nothing is said, for the help text; absent where that goes without saying. */
  readonly preset?: string;
}

const OPTIONS = {
  output: {
    flags: "--output <url...>",
    variable: "BMS_OUTPUT",
    isList: true,
    about: "where rows go, one or several: unix:///path, where Telegraf listens, or - for stdout",
    preset: "-",
    parse: parseOutput,
    rule: "unix:///path/to/socket, at most 107 bytes long, or - for stdout",
  } satisfies OptionSpec<OutputUrl>,
  endpoint: {
    flags: "--endpoint <url>",
    variable: "BMS_ENDPOINT",
    about: "where agents deliver readings",
    ...anEndpoint,
  } satisfies OptionSpec<string>,
  settle: {
    flags: "--settle <seconds>",
    variable: "BMS_SETTLE",
    about: "how long Telegraf may take from reading a row to writing it: more than its flush_interval and flush_jitter",
    preset: `${DEFAULT_SETTLE_S}`,
    parse(text) {
      const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
      return seconds <= LONGEST_SETTLE_S ? seconds : undefined;
    },
    rule: `seconds from 0 to ${LONGEST_SETTLE_S}, such as 30`,
  } satisfies OptionSpec<number>,
  logLevel: {
    flags: "--log-level <level>",
    variable: "BMS_LOG_LEVEL",
    about: LOG_LEVELS.join(", "),
    preset: "info",
    ...oneOf(LOG_LEVELS),
  } satisfies OptionSpec<LogLevel>,
  check: {
    flags: "--check",
    variable: "BMS_CHECK",
    about:
      "report what keeps readings from each output, or would lose or corrupt them in Telegraf; accepts no readings",
    ...onOrOff,
  } satisfies OptionSpec<boolean>,
  json: {
    flags: "--json",
    variable: "BMS_JSON",
    about: "with --check: print the report as JSON",
    ...onOrOff,
  } satisfies OptionSpec<boolean>,
  telegrafConfig: {
    flags: "--telegraf-config <path...>",
    variable: "BMS_TELEGRAF_CONFIG",
    isList: true,
    about: "where --check reads Telegraf's configuration: files, or folders of them",
    preset: TELEGRAF_CONFIGURATION.join(" "),
    parse: (text) => text || undefined,
    rule: "the path of a file or folder",
  } satisfies OptionSpec<string>,
};

const AFTER = `
Examples:
  bms-aggregator                                                print readings as CSV
  bms-aggregator --output unix:///run/telegraf/bms.sock         feed Telegraf
  bms-aggregator --output unix:///run/telegraf/bms.sock --check tell why Telegraf gets nothing

Exit status: 0 done, or stopped by a signal; 1 tried and failed; 2 wrong use.
Every long option can come from the environment (--log-level as BMS_LOG_LEVEL); the command line wins.
BMS_OUTPUT may hold several outputs with blanks between them.`;

/**
 * What the operator asks for: options, or a text (help, version).
 *
 * @throws {UsageError}
 */
export function readOptions(
  argv: readonly string[],
  env: Environment,
  uid: number,
  version: string,
): AggregatorOptions | { readonly text: string } {
  let text = "";
  const program = new Command(PROGRAM)
    .description("Takes the readings of all agents and writes them as CSV.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .allowExcessArguments(false)
    .addHelpText("after", AFTER)
    .exitOverride()
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
      writeErr: () => {},
      getOutHelpWidth: () => 100,
    });
  for (const { flags, about, preset, variable } of Object.values<OptionSpec<unknown>>(OPTIONS)) {
    const otherwise = preset === undefined ? "" : `default: ${preset}; `;
    program.addOption(new Option(flags, `${about} (${otherwise}${variable})`));
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    throw new UsageError(`${error.message.replace(/^error: /, "")}; ${PROGRAM} --help tells more`, { cause: error });
  }
  const said: Readonly<Record<string, string | string[] | true | undefined>> = program.opts();
  const read = <T>(name: keyof typeof OPTIONS, spec: OptionSpec<T>): T[] =>
    wordsOf(spec, said[name], env).map(([speaker, word]) => {
      const value = spec.parse(word);
      if (value === undefined) throw new UsageError(`${speaker} ${JSON.stringify(word)}: say ${spec.rule}`);
      return value;
    });
  const outputs = [...new Set(read("output", OPTIONS.output))];
  const telegrafConfig = read("telegrafConfig", OPTIONS.telegrafConfig);
  return {
    outputs: outputs.length > 0 ? outputs : ["-"],
    endpoint: read("endpoint", OPTIONS.endpoint)[0] ?? defaultEndpoint(env, uid),
    settleMs: (read("settle", OPTIONS.settle)[0] ?? DEFAULT_SETTLE_S) * 1000,
    logLevel: read("logLevel", OPTIONS.logLevel)[0] ?? "info",
    check: read("check", OPTIONS.check)[0] ?? false,
    json: read("json", OPTIONS.json)[0] ?? false,
    ...(telegrafConfig.length > 0 && { telegrafConfig }),
  };
}

/** What was said of an option, with whoever said it: the command line, else the environment. */
function wordsOf<T>(
  { flags, variable, isList }: OptionSpec<T>,
  said: string | string[] | true | undefined,
  env: Environment,
): [speaker: string, word: string][] {
  const [flag = flags] = flags.split(" ");
  if (said !== undefined) return [said === true ? "1" : said].flat().map((word) => [flag, word]);
  const fromEnv = env[variable]?.trim();
  if (!fromEnv) return [];
  return (isList ? fromEnv.split(/\s+/) : [fromEnv]).map((word) => [variable, word]);
}
