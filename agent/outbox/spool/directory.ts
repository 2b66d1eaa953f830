import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry } from "../ledger.ts";
import { decodeRecords } from "./record.ts";

/** One file of a spool, and how far it goes in each run. */
export interface SpoolFile {
  readonly path: string;
  readonly reached: Map<string, number>;
  bytes: number;
}

/** What a folder holds, oldest first. */
export interface SpoolFolder {
  readonly files: readonly SpoolFile[];
  /** No reading twice. */
  readonly entries: readonly Entry[];
  /** The number of the newest file, 0 where there is none. */
  readonly lastNumber: number;
  /** What is worth saying about it. */
  readonly remarks: readonly string[];
}

const FILE_NAME = /^readings-(\d{8})\.spool$/;

export function spoolFilePath(folder: string, number: number): string {
  return join(folder, `readings-${String(number).padStart(8, "0")}.spool`);
}

/** Reads a folder, which is made where it does not exist. Only whole records count. @throws {Error} from the file system */
export function readSpoolFolder(folder: string): SpoolFolder {
  makeSpoolFolder(folder);
  const names = readdirSync(folder);
  const ours = names.filter((name) => FILE_NAME.test(name)).sort();
  const strange = names.filter((name) => !FILE_NAME.test(name));
  const remarks: string[] = [];
  const files: SpoolFile[] = [];
  const entries: Entry[] = [];
  const reached = new Map<string, number>();
  for (const name of ours) {
    const path = join(folder, name);
    const records = decodeFile(path, remarks);
    if (!records) continue;
    const file = { path, bytes: records.bytes, reached: new Map<string, number>() };
    for (const entry of records.entries) {
      if (reach(reached, entry)) entries.push(entry);
      reach(file.reached, entry);
    }
    files.push(file);
  }
  if (strange.length > 0) remarks.push(`left alone what is not ours: ${strange.join(", ")}`);
  return { files, entries, lastNumber: Number(FILE_NAME.exec(ours.at(-1) ?? "")?.[1] ?? 0), remarks };
}

/** @throws {Error} from the file system */
export function makeSpoolFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
}

/** A new file is on the disk only when its folder is. @throws {Error} from the file system */
export function syncSpoolFolder(folder: string): void {
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Notes that a run goes as far as an entry; false where it went that far before. */
export function reach(reached: Map<string, number>, { origin: { run }, seq }: Entry): boolean {
  if (seq <= (reached.get(run) ?? 0)) return false;
  reached.set(run, seq);
  return true;
}

/** Undefined, with a remark, where it is none of ours or cannot be read. */
function decodeFile(path: string, remarks: string[]): { entries: readonly Entry[]; bytes: number } | undefined {
  try {
    const file = readFileSync(path);
    const { entries, lostBytes, isSpool } = decodeRecords(file);
    if (!isSpool) remarks.push(`left alone what holds no readings: ${path}`);
    else if (lostBytes > 0) remarks.push(`${path}: ${lostBytes} bytes are torn or damaged and passed over`);
    return isSpool ? { entries, bytes: file.length } : undefined;
  } catch (error) {
    remarks.push(`left alone what cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
