import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Entry } from "../ledger.ts";
import { encodeRecord } from "./record.ts";

/** Writes a part of the bytes, at least one, and tells how many; `fs.writeSync` but where a test replaces the disk. */
export type WritePart = (file: number, bytes: Uint8Array) => number;

/** A file of a spool while it is written. Made anew: no other file is ever touched. */
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

  /** Hands entries to the system in one piece: they survive this process from here on. @throws {Error} from the file system */
  append(entries: readonly Entry[]): void {
    const bytes = Buffer.concat(entries.map(encodeRecord));
    this.#isSynced = false;
    for (let at = 0; at < bytes.length; ) at += this.#write(this.#file, bytes.subarray(at));
    this.#bytes += bytes.length;
  }

  /** Brings what is appended to the disk: it survives a power cut from here on. @throws {Error} from the file system */
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

  /** Ends with what is appended on the disk. @throws {Error} from the file system */
  seal(): void {
    try {
      if (!this.#isSynced || this.#isSyncing) fdatasyncSync(this.#file);
    } finally {
      this.close();
    }
  }

  /** Ends after a failure, with what was appended whole. */
  abandon(): void {
    try {
      ftruncateSync(this.#file, this.#bytes);
    } catch {
      // The torn record stays: whoever reads the file passes it over.
    }
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    // A file number that is still in use must not be given to another file.
    if (!this.#isSyncing) closeSync(this.#file);
  }
}
