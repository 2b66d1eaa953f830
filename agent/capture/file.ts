import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { CaptureError, type CaptureRecord, parseRecord } from "./record.ts";

/** Longer than any record. */
const LINE_BYTES = 65_536;
/** A battery polled every 10 s writes about 4 MB a day; a device that notifies a thousand times a second, 200 MB an hour. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Opens a capture file for appending. The kernel has a record when the call returns. A disk that fills up later, or a file
 * that has reached its bound, is logged once and ends the capture, not the agent: the beginning of a fault is what counts.
 * @throws {UsageError} where the file cannot be written, or is not a capture
 */
export function openCaptureFile(path: string, log: Log, maxBytes = MAX_BYTES): (record: CaptureRecord) => void {
  let file: number | undefined = openForAppending(path);
  let size = fstatSync(file).size;
  function end(why: string, remedy: string) {
    if (file !== undefined) closeSync(file);
    file = undefined;
    log.error(`the capture ${path} ends here (${why}): ${remedy}`);
  }
  return (record) => {
    if (file === undefined) return;
    const line = `${JSON.stringify(record)}\n`;
    size += Buffer.byteLength(line);
    if (size > maxBytes) return end(`it has reached ${maxBytes / 1024 / 1024} MiB`, "give a new file to capture more");
    try {
      append(file, line);
    } catch (error) {
      end(messageOf(error), "make room and start again to capture more");
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
