import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import { type EngineState, NO_ALERTS } from "./engine.ts";
import type { Queue } from "./outbox.ts";

/** Everything about alerts that outlives the viewer. One file: an alert and its message are never separated. */
export interface SavedState {
  readonly version: typeof VERSION;
  /** When this was written. */
  readonly at: number;
  readonly engine: EngineState;
  readonly queues: readonly Queue[];
}

export interface StateFile {
  /** The state as it was last written; the empty state where there is none. */
  readonly initial: SavedState;
  write(state: Omit<SavedState, "version">): void;
}

const VERSION = 1;
const NAME = "alerts.json";
const EMPTY: SavedState = { version: VERSION, at: 0, engine: NO_ALERTS, queues: [] };

export function alertStatePath(directory: string): string {
  return join(directory, NAME);
}

/**
 * The state in a directory; without one it lasts as long as the process. A file that cannot be understood is moved aside. A
 * disk that takes nothing is logged once, and alerts go on without it.
 */
export function openStateFile(directory: string | undefined, log: Log): StateFile {
  if (directory === undefined) return { initial: EMPTY, write() {} };
  const path = alertStatePath(directory);
  const problems = trackProblems();
  try {
    // Not recursive, which never returns for a path in /proc.
    mkdirSync(directory);
  } catch {
    // It exists, or the first write reports it.
  }
  return {
    initial: readOrMoveAside(path, log),
    write(state) {
      try {
        replaceFile(path, JSON.stringify({ version: VERSION, ...state }));
        if (problems.end("write")) log.info(`${path} is written again`);
      } catch (error) {
        if (problems.begin("write"))
          log.warn(`cannot write ${path}, a restart of this program would forget alerts: ${(error as Error).message}`);
      }
    },
  };
}

/** Undefined where there is no file. @throws {Error} where it cannot be read, or is damaged */
export function readAlertState(path: string): SavedState | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (!isSavedState(value)) throw new SyntaxError("not a state of this version");
  return value;
}

function readOrMoveAside(path: string, log: Log): SavedState {
  try {
    return readAlertState(path) ?? EMPTY;
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      log.warn(`cannot read ${path}, alerts begin anew: ${(error as Error).message}`);
      return EMPTY;
    }
    const aside = `${path}.damaged`;
    try {
      renameSync(path, aside);
      log.warn(`${path} is damaged and was moved to ${aside}; alerts begin anew`);
    } catch (cause) {
      log.warn(`${path} is damaged, alerts begin anew: ${(cause as Error).message}`);
    }
    return EMPTY;
  }
}

/** A reader finds the old content or the new one, also after a power cut. */
function replaceFile(path: string, content: string): void {
  const aside = `${path}.new`;
  const file = openSync(aside, "w", 0o640);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => Number.isFinite(value);
const isOneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(checks).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const isSeverity = isOneOf("alarm", "warning");
const isRunning = shape({
  id: isText,
  severity: isSeverity,
  since: isNumber,
  startText: isText,
  text: isText,
  cell: optional(isNumber),
  messagedAt: isNumber,
  rightSince: optional(isNumber),
  isStorm: optional((value) => typeof value === "boolean"),
});
const isTrack = shape({
  rule: isText,
  meter: optional(isText),
  subject: isText,
  wrongSince: optional(isNumber),
  running: optional(isRunning),
  starts: listOf(isNumber),
  missingSince: optional(isNumber),
});
const isEnded = shape({
  id: isText,
  rule: isText,
  meter: optional(isText),
  text: isText,
  severity: isSeverity,
  since: isNumber,
  endedAt: isNumber,
});
const isKnownMeter = shape({ meter: isText, device: isText, driver: isText, seenAt: isNumber });
const isMessage = shape({
  id: isText,
  event: isOneOf("start", "reminder", "end"),
  title: isText,
  text: isText,
  severity: isSeverity,
  at: isNumber,
});
const isQueue = shape({
  target: isText,
  waiting: listOf(isMessage),
  dropped: optional(shape({ count: isNumber, from: isNumber, to: isNumber })),
});
const hasShape = shape({
  version: (value) => value === VERSION,
  at: isNumber,
  engine: shape({ tracks: listOf(isTrack), ended: listOf(isEnded), meters: listOf(isKnownMeter), count: isNumber }),
  queues: listOf(isQueue),
});

function isSavedState(value: unknown): value is SavedState {
  return hasShape(value);
}
