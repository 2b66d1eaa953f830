import { fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { CaptureError, type CaptureRecord, parseRecord } from "./record.ts";

/** Longer than any record. */
const LINE_BYTES = 65_536;

/**
 * Opens a capture file for appending. The kernel has a record when the call returns. A disk that fills up later is logged
 * once and ends the capture, not the agent.
 * @throws {UsageError} where the file cannot be written, or is not a capture
 */
export function openCaptureFile(path: string, log: Log): (record: CaptureRecord) => void {
  let file: number | undefined = openForAppending(path);
  return (record) => {
    if (file === undefined) return;
    try {
      append(file, `${JSON.stringify(record)}\n`);
    } catch (error) {
      file = undefined;
      log.error(`the capture ${path} ends here (${messageOf(error)}): make room and start again to capture more`);
    }
  };
}

function openForAppending(path: string): number {
  try {
    const file = openSync(path, "a+");
    if (fstatSync(file).size > 0) repair(file);
    return file;
  } catch (error) {
    const why = error instanceof CaptureError ? `it is not a capture: ${error.message}` : messageOf(error);
    throw new UsageError(`cannot capture to ${path} (${why}): choose a new file, or one that holds a capture`, {
      cause: error,
    });
  }
}

/** Removes an incomplete last line, which a run leaves that is killed while it writes. @throws {CaptureError} */
function repair(file: number): void {
  const { size } = fstatSync(file);
  parseRecord(readText(file, 0).split("\n", 1)[0] ?? "");
  const lastLine =
    readText(file, Math.max(0, size - LINE_BYTES))
      .split("\n")
      .at(-1) ?? "";
  if (lastLine === "") return;
  try {
    parseRecord(lastLine);
    append(file, "\n");
  } catch {
    ftruncateSync(file, size - Buffer.byteLength(lastLine));
  }
}

function readText(file: number, position: number): string {
  const bytes = Buffer.alloc(LINE_BYTES);
  return bytes.toString("utf8", 0, readSync(file, bytes, 0, LINE_BYTES, position));
}

function append(file: number, text: string): void {
  const bytes = Buffer.from(text);
  if (writeSync(file, bytes) < bytes.length) throw new Error("no space for a whole line");
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
