import type { Entry } from "../entry.ts";
import type { FileSystem } from "./file-system.ts";
import { encodeRecord } from "./record.ts";

/** A spool file that is being written. It is always a new file: existing ones are not written on. */
export class Segment {
  readonly #file: number;
  readonly #fs: FileSystem;
  #bytes = 0;
  #isSynced = true;
  #isSyncing = false;
  #isClosed = false;

  /** @throws {Error} from the file system */
  constructor(path: string, fs: FileSystem) {
    this.#file = fs.create(path);
    this.#fs = fs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes entries: they survive this process from here on. @throws {Error} from the file system */
  append(entries: readonly Entry[]): void {
    const bytes = Buffer.concat(entries.map(encodeRecord));
    this.#isSynced = false;
    for (let at = 0; at < bytes.length; ) at += this.#fs.write(this.#file, bytes.subarray(at));
    this.#bytes += bytes.length;
  }

  /** Syncs appended entries to disk: they survive a power cut from here on. @throws {Error} from the file system */
  async sync(): Promise<void> {
    if (this.#isSynced || this.#isSyncing || this.#isClosed) return;
    this.#isSynced = true;
    this.#isSyncing = true;
    try {
      await this.#fs.syncLater(this.#file);
    } finally {
      this.#isSyncing = false;
      if (this.#isClosed) this.#fs.close(this.#file);
    }
  }

  /** Takes everything out again, of a file that is never synced. @throws {Error} from the file system */
  clear(): void {
    this.#fs.truncate(this.#file, 0);
    this.#bytes = 0;
  }

  get needsSync(): boolean {
    return !this.#isSynced;
  }

  /** Syncs and closes. @throws {Error} from the file system */
  seal(): void {
    try {
      if (!this.#isSynced || this.#isSyncing) this.#fs.sync(this.#file);
    } finally {
      this.close();
    }
  }

  /** Closes after a failure to write. Entries appended before stay. */
  abandon(): void {
    try {
      this.#fs.truncate(this.#file, this.#bytes);
    } catch {
      // The torn record stays: readers skip it.
    }
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    // While a sync is running its descriptor must not be reused for another file.
    if (!this.#isSyncing) this.#fs.close(this.#file);
  }
}
