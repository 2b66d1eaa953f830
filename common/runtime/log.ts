import { fstatSync } from "node:fs";
import { printable } from "../model/printable.ts";

/** Log lines on stderr for people: one per change of state, not one per reading. */
export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Prefixes by which journald knows the priority of a line (sd-daemon(3)). */
const JOURNAL_PREFIX: Record<LogLevel, string> = { error: "<3>", warn: "<4>", info: "<6>", debug: "<7>" };

/** `journal`: with journald's priority, without a time. `terminal`: with the time of day. `file`: with date and time. */
export type LogFormat = "journal" | "terminal" | "file";

export interface LogTarget {
  readonly format: LogFormat;
  write(line: string): unknown;
}

/** Creates a log. `name` begins the message, for programs that share a terminal. */
export function createLog(level: LogLevel, options: { name?: string; target?: LogTarget; now?: () => Date } = {}): Log {
  const { name, target = standardError(), now = () => new Date() } = options;
  const limit = LOG_LEVELS.indexOf(level);
  const writer = (lineLevel: LogLevel) => {
    if (LOG_LEVELS.indexOf(lineLevel) > limit) return () => {};
    return (message: string) => {
      const text = printable(`${name ? `${name}: ` : ""}${message.replace(/\s*\n\s*/g, " | ")}`);
      target.write(`${lineStart(target.format, lineLevel, now)}${text}\n`);
    };
  };
  return { error: writer("error"), warn: writer("warn"), info: writer("info"), debug: writer("debug") };
}

function lineStart(format: LogFormat, level: LogLevel, now: () => Date): string {
  // The journal keeps the time itself.
  if (format === "journal") return JOURNAL_PREFIX[level];
  const urgency = level === "error" || level === "warn" ? `${level.toUpperCase()} ` : "";
  return `${format === "file" ? `${dateOf(now())} ` : ""}${now().toTimeString().slice(0, 8)} ${urgency}`;
}

/** The local date: 2026-01-02. */
function dateOf(time: Date): string {
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join("-");
}

/** stderr, with the format for what it is connected to. */
export function standardError(): LogTarget {
  const { stderr, env } = process;
  const format = stderr.isTTY ? "terminal" : isJournal(env.JOURNAL_STREAM, 2) ? "journal" : "file";
  return { format, write: (line) => stderr.write(line) };
}

/**
 * True if the descriptor is the stream that systemd has connected to its journal. `stream`: the value of $JOURNAL_STREAM,
 * `DEVICE:INODE` (systemd.exec(5)). A child whose stderr was redirected inherits the variable as well.
 */
export function isJournal(stream: string | undefined, descriptor: number): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // The descriptor is closed.
    return false;
  }
}

export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** The problems that are present, so that each is logged when it begins and when it ends, and not in between. */
export interface Problems {
  /** Marks a problem as present. True if it was absent before: log it. */
  begin(problem: string): boolean;
  /** Marks a problem as absent. True if it was present before: log its end. */
  end(problem: string): boolean;
  /** Marks every problem as absent. */
  clear(): void;
}

/** `limit`: problems that are remembered; beyond it none is new. */
export function trackProblems(limit = Number.POSITIVE_INFINITY): Problems {
  const present = new Set<string>();
  return {
    begin(problem) {
      const isNew = !present.has(problem) && present.size < limit;
      if (isNew) present.add(problem);
      return isNew;
    },
    end: (problem) => present.delete(problem),
    clear: () => present.clear(),
  };
}
