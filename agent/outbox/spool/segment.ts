import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Entry } from "../ledger.ts";
import { encodeRecord } from "./record.ts";

/** Writes at least one of the bytes and returns how many, as `fs.writeSync`. */
export type WritePart = (file: number, bytes: Uint8Array) => number;

/** A spool file that is being written. It is always a new file: existing ones are not touched. */
export class Segment {
  readonly path: string;
  readonly #file: number;
  readonly #write: WritePart;
  #bytes = 0;
  #isSynced = true;
  #isSyncing = false;
  #isClosed = false;

  /** @throws {Error} from the file system */
  constructor(path: string, write: WritePart = writeSync) {
    this.path = path;
    this.#file = openSync(path, "wx", 0o640);
    this.#write = write;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes entries: they survive this process from here on. @throws {Error} from the file system */
  append(entries: readonly Entry[]): void {
    const bytes = Buffer.concat(entries.map(encodeRecord));
    this.#isSynced = false;
    for (let at = 0; at < bytes.length; ) at += this.#write(this.#file, bytes.subarray(at));
    this.#bytes += bytes.length;
  }

  /** Syncs appended entries to disk: they survive a power cut from here on. @throws {Error} from the file system */
  sync(): Promise<void> {
    if (this.#isSynced || this.#isSyncing || this.#isClosed) return Promise.resolve();
    this.#isSynced = true;
    this.#isSyncing = true;
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => {
        this.#isSyncing = false;
        if (this.#isClosed) closeSync(this.#file);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  get needsSync(): boolean {
    return !this.#isSynced;
  }

  /** Syncs and closes. @throws {Error} from the file system */
  seal(): void {
    try {
      if (!this.#isSynced || this.#isSyncing) fdatasyncSync(this.#file);
    } finally {
      this.close();
    }
  }

  /** Closes after a failure to write. Entries appended before stay. */
  abandon(): void {
    try {
      ftruncateSync(this.#file, this.#bytes);
    } catch {
      // The torn record stays: readers skip it.
    }
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    // While a sync is running its descriptor must not be reused for another file.
    if (!this.#isSyncing) closeSync(this.#file);
  }
}
