import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { type Log, trackProblems } from "./log.ts";

/** `status.json` of a running program. The file stays when the program ends: the service manager knows whether it runs. */
export interface StatusFile {
  /** Requests a write: the first happens at once, each later one within 2 s, together with what changes meanwhile. */
  update(): void;
  /** Writes for the last time. */
  close(): void;
}

export interface StatusFileDeps {
  readonly clock: Clock;
  readonly log: Log;
}

const NAME = "status.json";
/** From an update to its write, ms. An agent looks at the wall clock at the same moment, so that both wake it once. */
const WRITE_AFTER_MS = 2_000;

/** The path of the status file in a runtime directory. */
export function statusPath(runtimeDirectory: string): string {
  return join(runtimeDirectory, NAME);
}

/**
 * Writes what `status` returns into a directory, such as systemd's `$RUNTIME_DIRECTORY`; without one nothing is written. A
 * reader finds either the old content or the new one. A disk that takes nothing is logged once and costs the status only.
 */
export function openStatusFile(
  directory: string | undefined,
  status: () => unknown,
  { clock, log }: StatusFileDeps,
): StatusFile {
  if (!directory) return { update() {}, close() {} };
  const path = statusPath(directory);
  const aside = `${path}.new`;
  let isClosed = false;
  let isWritten = false;
  let cancel: (() => void) | undefined;
  const problems = trackProblems();

  function write() {
    cancel = undefined;
    isWritten = true;
    try {
      writeFileSync(aside, `${JSON.stringify(status())}\n`);
      // Readable despite the umask: it holds no secret, and `bmsctl list` needs no root.
      chmodSync(aside, 0o644);
      renameSync(aside, path);
      problems.end("write");
    } catch (error) {
      if (problems.begin("write")) log.warn(`cannot write ${path}: ${(error as Error).message}`);
    }
  }
  return {
    update() {
      if (isClosed) return;
      if (isWritten) cancel ??= clock.timer(WRITE_AFTER_MS, write);
      else write();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      cancel?.();
      write();
    },
  };
}

/**
 * Reads a status file with one of the parsers of `common/model/status.ts`. Undefined where there is no file, or none that
 * the parser knows.
 *
 * @throws {Error} where the file exists and cannot be read (EACCES: this user may not)
 */
export function readStatusFile<T>(path: string, parse: (value: unknown) => T | undefined): T | undefined {
  try {
    return parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
