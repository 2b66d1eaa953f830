import type { Clock } from "../../common/runtime/clock.ts";
import type { Log, LogLevel } from "../../common/runtime/log.ts";
import type { OptionName, Values } from "./options.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command may touch of the world; what else it needs its options name. */
export interface World {
  readonly env: Environment;
  /** Of the user. */
  readonly uid: number;
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Aborts when the operator or the service manager wants an end. */
  readonly stop: AbortSignal;
  /** Tells on stderr how we are, whenever somebody asks (SIGUSR1). */
  tellWhenAsked(status: () => string): void;
  /** Data on stdout. */
  print(text: string): void;
  /** Size of the terminal that stdout is, in characters; undefined where it is none. */
  terminal(): { readonly rows: number; readonly columns: number } | undefined;
  /** For people, on stderr; `name` says who speaks. */
  createLog(level: LogLevel, name: string): Log;
}

/** What the program was asked to do, ready to be done. */
export interface Invocation {
  readonly command: string;
  readonly options: unknown;
  /** Resolves with the exit status. @throws {UsageError} {RadioError} {FrameError} */
  run(world: World): Promise<number>;
}

/** What the help text tells of a command. */
interface Declaration {
  /** Empty for the one that is meant where no command is named. */
  readonly name: string;
  readonly about: string;
  readonly options: readonly OptionName[];
  /** Its one argument, where it takes one. */
  readonly argument?: { readonly name: string; readonly about: string; readonly optional?: true };
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, about: string])[];
}

/** What was said to a command. */
export interface Words {
  readonly values: Values;
  readonly env: Environment;
  readonly argument: string;
}

interface CommandSpec<Options> extends Declaration {
  /** Pure. @throws {UsageError} */
  read(words: Words): Options;
  /** Resolves with the exit status. @throws {UsageError} {RadioError} {FrameError} */
  run(options: Options, world: World): Promise<number>;
}

export interface AgentCommand extends Declaration {
  /** Pure. @throws {UsageError} */
  invoke(words: Words): Invocation;
}

/** Ties what a command reads to what it runs on, so that commands of different options stand in one list. */
export function defineCommand<Options>({ read, run, ...declaration }: CommandSpec<Options>): AgentCommand {
  return {
    ...declaration,
    invoke(words) {
      const options = read(words);
      return { command: declaration.name, options, run: (world) => run(options, world) };
    },
  };
}
