import type { Writable } from "node:stream";
import type { Clock } from "../runtime/clock.ts";
import type { Log, LogLevel } from "../runtime/log.ts";
import type { Environment, OptionTable, ValuesOf } from "./option.ts";

/** Everything outside its options that a command may use. */
export interface CommandDeps {
  readonly env: Environment;
  /** The user's number. */
  readonly uid: number;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Aborts when the program shall stop: on a signal, or when the reader of stdout has exited. */
  readonly stop: AbortSignal;
  /** Prints this text on stderr on every SIGUSR1. */
  onStatusRequest(status: () => string): void;
  /** Calls this before the process ends by an error that nothing handles. It must do its work synchronously. */
  onFatal(secure: () => void): void;
  /** For data only. */
  readonly stdout: Writable;
  /** Writes lines to stdout. What is unsafe on a terminal is escaped. */
  print(text: string): void;
  /** Size of the terminal on stdout, in characters; undefined if stdout is not a terminal. */
  terminal(): { readonly rows: number; readonly columns: number } | undefined;
  /** Shows on stderr, if it is a terminal, what is waited for, until anything is printed or logged. */
  progress(text: string): void;
  /** A log on stderr whose lines begin with `name`. */
  createLog(level: LogLevel, name: string): Log;
}

/** A command with its options read, ready to run. */
export interface Invocation {
  readonly command: string;
  readonly options: unknown;
  /** Resolves with the exit status. */
  run(deps: CommandDeps): Promise<number>;
}

/** The input of a command. */
export interface CommandInput<Table extends OptionTable = OptionTable> {
  readonly values: ValuesOf<Table>;
  readonly env: Environment;
  /** Empty if it was omitted. */
  readonly argument: string;
  /** The arguments after the first. */
  readonly more: readonly string[];
}

export interface Argument {
  readonly name: string;
  readonly about: string;
  readonly isOptional?: true;
  /** One or more words. Only the last argument can be a list. */
  readonly isList?: true;
  /** The kind of word that completion offers. */
  readonly completes?: "battery" | "file";
}

/** A command's documentation and its options. */
interface Declaration<Table extends OptionTable> {
  /** Empty for the program's default command; two words for a command below another one, which comes first. */
  readonly name: string;
  readonly about: string;
  readonly options: Table;
  readonly argument?: Argument;
  /** Arguments after the first. */
  readonly more?: readonly Argument[];
  /** Command lines, each with a description. */
  readonly examples: readonly (readonly [line: string, about: string])[];
}

interface CommandSpec<Table extends OptionTable, Options> extends Declaration<Table> {
  /** Pure. @throws {UsageError} */
  read(input: CommandInput<Table>): Options;
  /** Resolves with the exit status. */
  run(options: Options, deps: CommandDeps): Promise<number>;
}

export interface Command extends Declaration<OptionTable> {
  /** Pure. @throws {UsageError} */
  invoke(input: CommandInput): Invocation;
}

/** Ties `read` to `run`, so that commands with different options fit in one list. */
export function defineCommand<const Table extends OptionTable, Options>({
  read,
  run,
  ...declaration
}: CommandSpec<Table, Options>): Command {
  return {
    ...declaration,
    invoke(input) {
      const options = read(input as CommandInput<Table>);
      return { command: declaration.name, options, run: (deps) => run(options, deps) };
    },
  };
}
