import { basename, join } from "node:path";
import type { Log } from "../../../common/runtime/log.ts";
import type { Entry } from "../entry.ts";
import type { FileSystem } from "./file-system.ts";
import { decodeRecords } from "./record.ts";

/** A spool file of an earlier run. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly entries: readonly Entry[];
}

const FILE_NAME = /^readings-(\d{8})\.spool$/;
/** Also of files that were moved aside, so that no new file takes the number of one. */
const NUMBERED = /^readings-(\d{8})\.spool/;
/** A copy that was not completed: the original is still there. */
const INCOMPLETE = /^readings-\d{8}\.spool\.new$/;

export function spoolFilePath(folder: string, number: number): string {
  return join(folder, `readings-${String(number).padStart(8, "0")}.spool`);
}

/** The file that replaces another once it is complete. */
export function incompletePath(path: string): string {
  return `${path}.new`;
}

/** The names of the spool files in a directory, oldest first, and the highest number that any file has. */
export function listSpoolFiles(
  folder: string,
  { fs, log }: { readonly fs: FileSystem; readonly log: Log },
): { readonly names: readonly string[]; readonly lastNumber: number } {
  const all = fs.list(folder);
  for (const name of all.filter((each) => INCOMPLETE.test(each))) fs.remove(join(folder, name));
  const names = all.filter((name) => FILE_NAME.test(name)).sort();
  const others = all.filter((name) => !FILE_NAME.test(name) && !INCOMPLETE.test(name));
  if (others.length > 0) log.warn(`${folder}: left alone: ${others.join(", ")}`);
  const numbers = all.map((name) => Number(NUMBERED.exec(name)?.[1] ?? 0));
  return { names, lastNumber: numbers.reduce((highest, number) => Math.max(highest, number), 0) };
}

/**
 * Reads a file. What this version cannot read is moved aside, or copied if other records of the file can be read; it is
 * never removed. Undefined for a file that holds nothing for this version.
 */
export function readSpoolFile(
  folder: string,
  name: string,
  { fs, log }: { readonly fs: FileSystem; readonly log: Log },
): FoundFile | undefined {
  const path = join(folder, name);
  try {
    const file = fs.read(path);
    const { entries, tornBytes, unreadable, isSpool } = decodeRecords(file);
    if (!isSpool) {
      log.warn(`left alone, not a spool file: ${path}`);
      return undefined;
    }
    if (tornBytes > 0) log.warn(`${path}: the last ${tornBytes} bytes are torn and skipped`);
    if (unreadable !== undefined) {
      const aside = `${path}.${unreadable}`;
      if (entries.length > 0) fs.copy(path, aside);
      else fs.rename(path, aside);
      log.warn(
        `${path}: ${describe(unreadable)}; kept as ${basename(aside)}, with ${entries.length} readings delivered`,
      );
      if (entries.length === 0) return undefined;
    }
    return { path, bytes: file.length, entries };
  } catch (error) {
    log.warn(`left alone, cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function describe(unreadable: string): string {
  return unreadable === "damaged"
    ? "parts of it are damaged"
    : `it is of ${unreadable.replace("-", " ")} of the format, which this version does not know`;
}
