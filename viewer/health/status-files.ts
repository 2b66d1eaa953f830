import { constants } from "node:fs";
import { type FileHandle, open, opendir } from "node:fs/promises";
import { join } from "node:path";
import { statusPath } from "../../common/runtime/status-file.ts";

/** Status files that are read, and the bytes of one of them. */
const MAX_FILES = 256;
const MAX_BYTES = 65_536;

/** A file that holds JSON. */
export interface StatusContent {
  readonly path: string;
  readonly content: unknown;
}

/**
 * Reads `status.json` in each directory and one level below. Files and directories that are missing, unreadable, too large
 * or not JSON are left out: they belong to a program that has not started, has ended, or is not ours.
 */
export async function readStatusFiles(directories: readonly string[]): Promise<StatusContent[]> {
  const found: StatusContent[] = [];
  for (const path of await pathsIn(directories)) {
    const content = await readJson(path);
    if (content !== undefined) found.push({ path, content });
  }
  return found;
}

async function pathsIn(directories: readonly string[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const directory of directories) {
    paths.add(statusPath(directory));
    try {
      for await (const entry of await opendir(directory)) {
        if (paths.size >= MAX_FILES) break;
        if (!entry.isFile()) paths.add(statusPath(join(directory, entry.name)));
      }
    } catch {
      // Missing, or not open to this user.
    }
  }
  return [...paths];
}

async function readJson(path: string): Promise<unknown> {
  let file: FileHandle | undefined;
  try {
    // A pipe in place of the file would hold up an open that waits.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    return JSON.parse(await file.readFile("utf8"));
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
