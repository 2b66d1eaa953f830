import {
  closeSync,
  copyFileSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";

/** All that a spool asks of the file system. Every call may throw the error of the operating system. */
export interface FileSystem {
  /** Creates a directory and those above it. */
  makeFolder(path: string): void;
  list(folder: string): readonly string[];
  read(path: string): Buffer;
  /** Creates a file that does not exist yet and opens it for writing at its end. */
  create(path: string): number;
  /** Writes at least one of the bytes and returns how many. */
  write(file: number, bytes: Uint8Array): number;
  truncate(file: number, length: number): void;
  /** Returns once the content is on disk. */
  sync(file: number): void;
  syncLater(file: number): Promise<void>;
  /** Returns once the names in a directory are on disk: only then a new file survives a power cut. */
  syncFolder(folder: string): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  copy(from: string, to: string): void;
  remove(path: string): void;
}

export const realFileSystem: FileSystem = {
  makeFolder,
  list: (folder) => readdirSync(folder),
  read: (path) => readFileSync(path),
  create: (path) => openSync(path, "ax", 0o640),
  write: (file, bytes) => writeSync(file, bytes),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncLater: promisify(fdatasync),
  syncFolder(folder) {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  close: closeSync,
  rename: renameSync,
  copy: (from, to) => copyFileSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
};

/** As `mkdirSync` with `recursive`, which never returns for a directory below /proc. */
function makeFolder(path: string): void {
  const folder = resolve(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, 0o750);
  } catch (error) {
    // Another process was first.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
