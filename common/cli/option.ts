import { Option } from "commander";
import { DEFAULT_PORT, formatTcpEndpoint, isTcp, parseTcpEndpoint } from "../hosts/tcp-endpoint.ts";
import { isSite, SITE_RULE } from "../model/site.ts";
import { LOG_LEVELS } from "../runtime/log.ts";
import { UsageError } from "../runtime/usage-error.ts";
import { endpointPath } from "../wire/endpoint.ts";

/**
 * One option, as a row of a table. The command line, the environment, `--help`, the man pages, shell completion and
 * docs/configuration.md are all made from such rows.
 */
export interface OptionRow<T = unknown> extends ValueType<T> {
  /** In commander's notation: `-b, --address <mac>`. A switch has no `<…>`. */
  readonly flags: string;
  /** Its description: half a sentence. */
  readonly about: string;
  /** A list: `<…>` ends in `...`, the option may be repeated, and its variable holds words separated by blanks. */
  readonly isList?: true;
  /** The value when neither the command line nor the environment gives one. */
  readonly preset?: T | readonly T[];
  /** The default in words, where `preset` is absent or unreadable. */
  readonly presetText?: string;
  /** Names of the options that cannot be combined with it. */
  readonly conflicts?: readonly string[];
  /** The kind of path that completion offers. */
  readonly completes?: "file" | "directory";
}

/** The values that an option accepts. */
export interface ValueType<T> {
  /** Returns undefined for text that breaks `rule`. */
  parse(text: string): T | undefined;
  /** Completes the sentence "expected …". */
  readonly rule: string;
  /** All accepted words, where they are few. */
  readonly choices?: readonly string[];
}

/** Rows by the camel-cased long flag: `pinFile` for `--pin-file`. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

type ParsedBy<Row extends OptionRow> = Exclude<ReturnType<Row["parse"]>, undefined>;
type ValueOf<Row extends OptionRow> =
  | (Row extends { isList: true } ? readonly ParsedBy<Row>[] : ParsedBy<Row>)
  | (Row extends { preset: unknown } ? never : undefined);

/** The values of a table's options. Undefined: neither given nor preset. */
export type ValuesOf<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

export type Environment = Readonly<Record<string, string | undefined>>;

export function oneOf<const T extends string>(choices: readonly T[]): ValueType<T> {
  return { parse: (text) => choices.find((word) => word === text), rule: `one of ${choices.join(", ")}`, choices };
}

/** Decimal seconds within bounds, such as 0.5. */
export function seconds(least: number, most: number, example: string): ValueType<number> {
  return {
    parse(text) {
      const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
    rule: `seconds from ${least} to ${most}, such as ${example}`,
  };
}

/** Time between two polls of a device. */
export const POLL_INTERVAL = seconds(0.05, 86_400, "10 or 0.5");

/** A whole number from 1 to `most`. */
export function wholeNumber(unit: string, most: number): ValueType<number> {
  return {
    parse: (text) => (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    rule: `${unit} from 1 to ${most}`,
  };
}

/** The row without its default, for a command that finds a value in another way. */
export function withoutPreset<Row extends OptionRow>(row: Row): Omit<Row, "preset"> {
  const { preset: _, ...rest } = row;
  return rest;
}

/** Any text that is not empty. */
export function nonEmpty(rule: string): ValueType<string> {
  return { parse: (text) => text || undefined, rule };
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["yes", true],
  ["0", false],
  ["false", false],
  ["no", false],
]);

/** Off unless given. */
export const onOff = {
  parse: (text) => SWITCH_WORDS.get(text.toLowerCase()),
  rule: "1 or 0",
  preset: false,
} satisfies ValueType<boolean> & { readonly preset: boolean };

const ENDPOINT_RULE = "ipc:// and the path of a socket, at most 106 bytes long";

function parseEndpoint(text: string): string | undefined {
  try {
    endpointPath(text);
    return text;
  } catch {
    return undefined;
  }
}

/** An endpoint on this computer or over a network. */
export const ANY_ENDPOINT: ValueType<string> = {
  parse(text) {
    if (!isTcp(text)) return parseEndpoint(text);
    try {
      return formatTcpEndpoint(parseTcpEndpoint(text));
    } catch {
      return undefined;
    }
  },
  rule: `${ENDPOINT_RULE}; or tcp://HOST:PORT, such as tcp://house:${DEFAULT_PORT} or tcp://[fd00::5]:${DEFAULT_PORT}`,
};

/** Options that several programs share. */
export const SHARED_OPTIONS = {
  endpoint: {
    flags: "--endpoint <url>",
    about: "socket on which the aggregator receives readings",
    presetText:
      "ipc:///run/bms/readings.sock if that directory exists (it must then be open to you), else one in your runtime directory",
    parse: parseEndpoint,
    rule: ENDPOINT_RULE,
  } satisfies OptionRow<string>,
  feed: {
    flags: "--feed <url>",
    about: "socket of the live feed, on which the aggregator publishes every new reading",
    presetText: "live.sock beside the socket on which the aggregator receives readings",
    parse: parseEndpoint,
    rule: ENDPOINT_RULE,
  } satisfies OptionRow<string>,
  hostKey: {
    flags: "--host-key <file>",
    about: "file of this host's secret key, for tcp:// endpoints; sudo bmsctl pair and join make it",
    presetText: "$CREDENTIALS_DIRECTORY/host-key, which systemd sets",
    completes: "file",
    ...nonEmpty("a path"),
  } satisfies OptionRow<string>,
  logLevel: {
    flags: "--log-level <level>",
    about: "least severe messages to log",
    preset: "info",
    ...oneOf(LOG_LEVELS),
  } satisfies OptionRow<(typeof LOG_LEVELS)[number]>,
  site: {
    flags: "--site <name>",
    about: "your name for the place, a tag of its readings; two sites may use the same names of meters",
    presetText: "none",
    parse: (text) => (isSite(text) ? text : undefined),
    rule: SITE_RULE,
  } satisfies OptionRow<string>,
  json: { flags: "--json", about: "print JSON, one object per line", ...onOff } satisfies OptionRow<boolean>,
};

/** False for a switch. */
export function takesValue({ flags }: OptionRow): boolean {
  return flags.includes("<");
}

/** The long flag: `--pin-file`. */
export function flagOf({ flags }: OptionRow): string {
  return new Option(flags).long ?? flags;
}

/** The environment variable: `BMS_PIN_FILE` for `--pin-file`. */
export function variableOf(row: OptionRow): string {
  return `BMS_${flagOf(row).slice(2).replaceAll("-", "_").toUpperCase()}`;
}

/** The default in words; undefined for a switch, which is off, and for an option without a default. */
export function presetOf({ preset, presetText }: OptionRow): string | undefined {
  if (presetText !== undefined || preset === undefined || preset === false) return presetText;
  return [preset].flat().join(" ");
}

/** The description with choices, default and variable, for `--help` and the man page. */
export function describeOption(row: OptionRow): string {
  const preset = presetOf(row);
  const notes = [row.choices?.join(", "), preset && `default: ${preset}`, variableOf(row)].filter(Boolean);
  return `${row.about} (${notes.join("; ")})`;
}

/** @throws {UsageError} that names `source`, the flag or variable that held the text */
export function parseOption(row: OptionRow, source: string, text: string): unknown {
  const value = row.parse(text);
  if (value === undefined) throw new UsageError(`${source} ${JSON.stringify(text)}: expected ${row.rule}`);
  return value;
}

/** Values from the environment, then the presets. An empty variable counts as absent. @throws {UsageError} */
export function readEnvironment<Table extends OptionTable>(rows: Table, env: Environment): ValuesOf<Table> {
  const textOf = (row: OptionRow) => env[variableOf(row)]?.trim() ?? "";
  const read = (row: OptionRow) => {
    const text = textOf(row);
    if (text === "") return row.preset;
    const other = row.conflicts?.map((name) => rows[name]).find((conflict) => conflict && textOf(conflict) !== "");
    if (other) throw new UsageError(`${variableOf(row)} cannot be used with ${variableOf(other)}`);
    if (!row.isList) return parseOption(row, variableOf(row), text);
    return text.split(/\s+/).map((word) => parseOption(row, variableOf(row), word));
  };
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, read(row)])) as ValuesOf<Table>;
}
