import { fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { CaptureError, type CaptureRecord, parseRecord } from "./record.ts";

/** More than the longest record can take. */
const LINE_BYTES = 65_536;

/**
 * Opens a capture file to append to it. A record is with the kernel when the call returns. A disk that fills up later is
 * told once and ends the capture, not the agent.
 * @throws {UsageError} where the file cannot be written, or holds something else
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
    if (fstatSync(file).size > 0) mend(file);
    return file;
  } catch (error) {
    const why = error instanceof CaptureError ? `it holds something else: ${error.message}` : messageOf(error);
    throw new UsageError(`cannot capture to ${path} (${why}): choose a new file, or one that holds a capture`, {
      cause: error,
    });
  }
}

/** Makes a file end with a whole line: a run may have died while it wrote. @throws {CaptureError} */
function mend(file: number): void {
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
