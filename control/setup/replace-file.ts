import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** The text of a file; empty if there is none. @throws {Error} if it may not be read */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/**
 * Replaces a file atomically, and waits until it is on disk. It keeps its owner and its mode; a new one gets `newMode`.
 * Returns false if it has this text already.
 */
export function replaceFile(file: string, text: string, newMode: number): boolean {
  const before = statSync(file, { throwIfNoEntry: false });
  if (before && textOf(file) === text) return false;
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  writeFileSync(aside, text, { mode: before ? before.mode & 0o777 : newMode, flag: "wx", flush: true });
  if (before) chownSync(aside, before.uid, before.gid);
  renameSync(aside, file);
  return true;
}
