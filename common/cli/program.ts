import { constants } from "node:os";
import { printableLines } from "../model/printable.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLog, type LogLevel, type LogTarget, standardError } from "../runtime/log.ts";
import { trimMemory } from "../runtime/trim-memory.ts";
import { UsageError } from "../runtime/usage-error.ts";
import { ZeromqError } from "../wire/zeromq.ts";
import type { CommandDeps } from "./command.ts";
import { type Program, readCommandLine } from "./command-line.ts";
import { endOnFatalErrors, type FatalEnd } from "./fatal-end.ts";
import { progressLine } from "./progress-line.ts";
import { knownSize } from "./redrawn-table.ts";
import { unknownVariables } from "./variables.ts";

/** Time for the reader of stdout to take what was written, before the process exits anyway, ms. */
const FLUSH_MS = 1_000;

/** Age of a program that has connected to everything and does its regular work, ms. */
const STARTED_MS = 5_000;

type ErrorClass = new (...args: never[]) => Error;

export interface ProgramPlan extends Program {
  readonly version: string;
  /** Errors with a message for the operator, besides UsageError. Any other error is a bug. */
  readonly expectedErrors: readonly ErrorClass[];
  /** Go on after the reader of stdout has exited. */
  readonly survivesClosedStdout?: boolean;
}

/**
 * Runs the program to its end and exits: 0 done, or stopped by a signal; 1 tried and failed; 2 wrong use. The first
 * SIGINT or SIGTERM asks it to stop, the second ends it at once. It goes on when the reader of stderr has exited.
 */
export async function runProgram(plan: ProgramPlan): Promise<void> {
  const stop = stopOnSignals();
  process.stdout.on("error", () => plan.survivesClosedStdout || process.exit(1));
  process.stderr.on("error", () => {});
  setTimeout(trimMemory, STARTED_MS).unref();
  const logging: { level: LogLevel } = { level: "error" };
  const fatal = endOnFatalErrors(() => createLog(logging.level, { name: plan.name }));
  process.exitCode = await statusOf(plan, processDeps(stop, logging, fatal)).catch(fatal.end);
  if (process.stdout.writableLength === 0) process.exit();
  setTimeout(() => process.exit(), FLUSH_MS);
  process.stdout.write("", () => process.exit());
}

function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  return stop.signal;
}

/** `logging`: receives the level of the latest log. */
function processDeps(stop: AbortSignal, logging: { level: LogLevel }, { onFatal }: FatalEnd): CommandDeps {
  const progress = progressLine(process.stderr);
  const log = standardError();
  const target: LogTarget = {
    format: log.format,
    write(line) {
      progress.show("");
      log.write(line);
    },
  };
  return {
    env: process.env,
    uid: process.getuid?.() ?? 0,
    clock: systemClock,
    random: Math.random,
    stop,
    onStatusRequest: (status) => void process.on("SIGUSR1", () => process.stderr.write(printableLines(status()))),
    onFatal,
    stdout: process.stdout,
    print(text) {
      progress.show("");
      process.stdout.write(printableLines(text));
    },
    terminal: () => (process.stdout.isTTY ? knownSize(process.stdout) : undefined),
    progress: progress.show,
    createLog(level, name) {
      logging.level = level;
      return createLog(level, { name, target });
    },
  };
}

/** Reads the command line. Warns of misspelt variables, also where one of them is the reason of the error. @throws {UsageError} */
function readRequest(plan: ProgramPlan, { env, createLog, terminal }: CommandDeps): ReturnType<typeof readCommandLine> {
  let isText = false;
  try {
    const request = readCommandLine(plan, plan.version, process.argv.slice(2), env, terminal()?.columns);
    isText = "text" in request;
    return request;
  } finally {
    const log = createLog("warn", plan.name);
    if (!isText) for (const message of unknownVariables(env)) log.warn(message);
  }
}

async function statusOf(plan: ProgramPlan, deps: CommandDeps): Promise<number> {
  try {
    const request = readRequest(plan, deps);
    if ("run" in request) return await request.run(deps);
    deps.print(request.text);
    return 0;
  } catch (error) {
    if (error === deps.stop.reason) return 0;
    const isExpected = [UsageError, ZeromqError, ...plan.expectedErrors].some((kind) => error instanceof kind);
    if (!isExpected) throw error;
    deps.createLog("error", plan.name).error((error as Error).message);
    return error instanceof UsageError ? 2 : 1;
  }
}
