import { constants } from "node:os";
import { printableLines } from "../model/printable.ts";
import { systemClock } from "../runtime/clock.ts";
import { createLog, type LogLevel, type LogTarget, standardError } from "../runtime/log.ts";
import { STOP_SIGNALS } from "../runtime/stop-signals.ts";
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
 * Runs the program to its end and exits: 0 done, or stopped; 1 tried and failed; 2 wrong use. The first signal asks it to stop,
 * as the exit of the reader of stdout does; the second SIGINT or SIGTERM ends it at once. The reader of stderr may exit.
 */
export async function runProgram(plan: ProgramPlan): Promise<void> {
  const stop = new AbortController();
  stopOnSignals(stop);
  process.stdout.on("error", () => {
    // In good order: a reading may have to be delivered, or a setting put back.
    if (!plan.survivesClosedStdout) stop.abort(new Error("the reader of stdout has exited"));
  });
  process.stderr.on("error", () => {});
  setTimeout(trimMemory, STARTED_MS).unref();
  const logging: { level: LogLevel } = { level: "error" };
  const fatal = endOnFatalErrors(() => createLog(logging.level, { name: plan.name }));
  process.exitCode = await statusOf(plan, processDeps(stop.signal, logging, fatal)).catch(fatal.end);
  if (process.stdout.writableLength === 0) process.exit();
  setTimeout(() => process.exit(), FLUSH_MS);
  process.stdout.write("", () => process.exit());
}

function stopOnSignals(stop: AbortController) {
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      // The end of a terminal sends several: one comes from its shell.
      if (stop.signal.aborted && signal !== "SIGHUP") process.exit(128 + constants.signals[signal]);
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
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
