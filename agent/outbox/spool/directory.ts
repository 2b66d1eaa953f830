import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../ledger.ts";
import { decodeRecords } from "./record.ts";

/** One file of a spool. */
export interface SpoolFile {
  readonly path: string;
  readonly reached: HighWaterMarks;
  bytes: number;
}

/** The content of a spool directory, oldest first. */
export interface SpoolFolder {
  readonly files: readonly SpoolFile[];
  /** Without repetitions. */
  readonly entries: readonly Entry[];
  /** The number of the newest file, 0 if there is none. */
  readonly lastNumber: number;
  /** For the log: files left alone, damaged records. */
  readonly remarks: readonly string[];
}

const FILE_NAME = /^readings-(\d{8})\.spool$/;

export function spoolFilePath(folder: string, number: number): string {
  return join(folder, `readings-${String(number).padStart(8, "0")}.spool`);
}

/** Reads a directory, creating it if necessary. Damaged records are skipped. @throws {Error} from the file system */
export function readSpoolFolder(folder: string): SpoolFolder {
  makeSpoolFolder(folder);
  const names = readdirSync(folder);
  const spoolFiles = names.filter((name) => FILE_NAME.test(name)).sort();
  const others = names.filter((name) => !FILE_NAME.test(name));
  const remarks: string[] = [];
  const files: SpoolFile[] = [];
  const entries: Entry[] = [];
  const reached = new Map<string, number>();
  for (const name of spoolFiles) {
    const path = join(folder, name);
    const records = decodeFile(path, remarks);
    if (!records) continue;
    const file = { path, bytes: records.bytes, reached: new Map<string, number>() };
    for (const entry of records.entries) {
      if (advance(reached, entry)) entries.push(entry);
      advance(file.reached, entry);
    }
    files.push(file);
  }
  if (others.length > 0) remarks.push(`left alone: ${others.join(", ")}`);
  return { files, entries, lastNumber: Number(FILE_NAME.exec(spoolFiles.at(-1) ?? "")?.[1] ?? 0), remarks };
}

/** @throws {Error} from the file system */
export function makeSpoolFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
}

/** A new file survives a power cut only once its directory is synced. @throws {Error} from the file system */
export function syncSpoolFolder(folder: string): void {
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The highest sequence number of each run. */
export type HighWaterMarks = Map<string, number>;

/** Advances the mark of the entry's run. False if the mark was there or beyond before. */
export function advance(highWaterMarks: HighWaterMarks, { origin: { run }, seq }: Entry): boolean {
  if (seq <= (highWaterMarks.get(run) ?? 0)) return false;
  highWaterMarks.set(run, seq);
  return true;
}

/** Undefined, with a remark, if the file is not a spool file or cannot be read. */
function decodeFile(path: string, remarks: string[]): { entries: readonly Entry[]; bytes: number } | undefined {
  try {
    const file = readFileSync(path);
    const { entries, lostBytes, isSpool } = decodeRecords(file);
    if (!isSpool) remarks.push(`left alone, not a spool file: ${path}`);
    else if (lostBytes > 0) remarks.push(`${path}: ${lostBytes} bytes are damaged and skipped`);
    return isSpool ? { entries, bytes: file.length } : undefined;
  } catch (error) {
    remarks.push(`left alone, cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
