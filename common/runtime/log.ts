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

export interface LogTarget {
  readonly isTTY?: boolean;
  write(line: string): unknown;
}

/**
 * On a terminal a line begins with the time and, from warn on, its level; elsewhere with journald's prefix, because the
 * journal keeps the time itself. `name` begins the message, for programs that share a terminal.
 */
export function createLog(level: LogLevel, options: { name?: string; target?: LogTarget; now?: () => Date } = {}): Log {
  const { name, target = process.stderr, now = () => new Date() } = options;
  const limit = LOG_LEVELS.indexOf(level);
  const writer = (lineLevel: LogLevel) => {
    if (LOG_LEVELS.indexOf(lineLevel) > limit) return () => {};
    return (message: string) => {
      const text = `${name ? `${name}: ` : ""}${message.replace(/\s*\n\s*/g, " | ")}`;
      if (!target.isTTY) target.write(`${JOURNAL_PREFIX[lineLevel]}${text}\n`);
      else {
        const urgency = lineLevel === "error" || lineLevel === "warn" ? `${lineLevel.toUpperCase()} ` : "";
        target.write(`${now().toTimeString().slice(0, 8)} ${urgency}${text}\n`);
      }
    };
  };
  return { error: writer("error"), warn: writer("warn"), info: writer("info"), debug: writer("debug") };
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

export function trackProblems(): Problems {
  const present = new Set<string>();
  return {
    begin(problem) {
      const isNew = !present.has(problem);
      present.add(problem);
      return isNew;
    },
    end: (problem) => present.delete(problem),
    clear: () => present.clear(),
  };
}
