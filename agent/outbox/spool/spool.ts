import { rmSync } from "node:fs";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { pathLocks } from "../../../common/runtime/machine-locks.ts";
import { LockError } from "../../../common/runtime/process-lock.ts";
import { realPath } from "../../../common/runtime/real-path.ts";
import type { Entry } from "../ledger.ts";
import {
  advance,
  makeSpoolFolder,
  readSpoolFolder,
  type SpoolFile,
  type SpoolFolder,
  spoolFilePath,
  syncSpoolFolder,
} from "./directory.ts";
import { Segment, type WritePart } from "./segment.ts";

/** Readings on disk, kept until they are settled. */
export interface Spool {
  /** Returns the readings of earlier runs, oldest first, and forgets them. */
  takeFound(): readonly Entry[];
  /** The time of the newest reading that earlier runs left of a meter, ms since the Unix epoch; 0 if there is none. */
  newest(meter: string): number;
  readonly bytes: number;
  /** The highest number of a run that is written, 0 if none is. */
  reached(run: string): number;
  /**
   * Writes entries, oldest first. They survive this process from here on, unless the disk fails: that is logged once, and
   * a later call tries again.
   */
  append(entries: readonly Entry[]): void;
  /** From here on, appended entries are synced to disk at once. */
  syncSoon(): void;
  /** Removes the files whose readings are all settled. `oldestHeld` returns the lowest number of a run that is not. */
  release(oldestHeld: (run: string) => number | undefined): void;
  /** Writes these entries as well, and syncs everything to disk. */
  close(entries: readonly Entry[]): Promise<void>;
}

export interface SpoolSettings {
  /** Longest time until appended entries are synced to disk, so that they survive a power cut. */
  readonly syncAfterMs: number;
  /** Size at which the next file begins. */
  readonly fileBytes?: number;
}

export interface SpoolDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly write?: WritePart;
}

const FILE_BYTES = 256 * 1024;
/** After a failure, until the next attempt to write. */
const RETRY_MS = 5_000;

/** Opens the spool in a directory. @throws {LockError} if another process uses it */
export async function openSpool(folder: string, settings: SpoolSettings, deps: SpoolDeps): Promise<Spool> {
  const { clock, log, write } = deps;
  const { syncAfterMs, fileBytes = FILE_BYTES } = settings;
  const lock = await pathLocks().exclusive(`spool ${realPath(folder)}`);
  if (!lock) throw new LockError(`--spool ${folder} is used by another bms-agent: give each agent its own directory`);
  const noDelay = new AbortController();
  /** Set while the disk fails. */
  let failing: { readonly retryAt: number } | undefined;
  const { entries, files: foundFiles, lastNumber, remarks } = load();
  for (const remark of remarks) log.warn(`--spool ${folder}: ${remark}`);
  let files = foundFiles;
  let number = lastNumber;
  let found = entries;
  const newest = new Map<string, number>();
  const reached = new Map<string, number>();
  for (const entry of found) {
    const { meter } = entry.origin;
    newest.set(meter, Math.max(newest.get(meter) ?? 0, entry.takenAt));
    advance(reached, entry);
  }
  /** The file that is being written, if there is one. */
  let current: { readonly segment: Segment; readonly file: SpoolFile } | undefined;
  let isSyncing = false;

  function load(): SpoolFolder {
    try {
      return readSpoolFolder(folder);
    } catch (error) {
      failed(error);
      return { files: [], entries: [], lastNumber: 0, remarks: [] };
    }
  }
  function failed(error: unknown) {
    const reason = error instanceof Error ? error.message : error;
    if (!failing) log.warn(`--spool ${folder} cannot be used, readings are kept in memory only: ${reason}`);
    failing = { retryAt: clock.monotonic() + RETRY_MS };
  }
  function writeAll(entries: readonly Entry[]) {
    if (entries.length === 0) return;
    try {
      for (const part of inParts(entries, fileBytes)) writePart(part);
      if (failing) log.info(`--spool ${folder} can be used again`);
      failing = undefined;
    } catch (error) {
      failed(error);
    }
  }
  /** @throws {Error} from the file system */
  function writePart(entries: readonly Entry[]) {
    current ??= begin();
    const { segment, file } = current;
    try {
      segment.append(entries);
    } catch (error) {
      current = undefined;
      segment.abandon();
      if (segment.bytes === 0) remove(file);
      throw error;
    }
    file.bytes = segment.bytes;
    for (const entry of entries) {
      advance(file.reached, entry);
      advance(reached, entry);
    }
    if (file.bytes < fileBytes) return;
    current = undefined;
    segment.seal();
  }
  function begin() {
    makeSpoolFolder(folder);
    number += 1;
    const path = spoolFilePath(folder, number);
    const file = { path, bytes: 0, reached: new Map<string, number>() };
    const segment = new Segment(path, write);
    files = [...files, file];
    syncSpoolFolder(folder);
    return { segment, file };
  }
  function remove(file: SpoolFile) {
    files = files.filter((other) => other !== file);
    try {
      rmSync(file.path, { force: true });
    } catch (error) {
      failed(error);
    }
  }
  async function sync() {
    if (isSyncing) return;
    isSyncing = true;
    while (current?.segment.needsSync) {
      if (syncAfterMs > 0) await clock.sleep(syncAfterMs, noDelay.signal).catch(() => {});
      await current?.segment.sync().catch(failed);
    }
    isSyncing = false;
  }

  return {
    takeFound() {
      const taken = found;
      found = [];
      return taken;
    },
    newest: (meter) => newest.get(meter) ?? 0,
    get bytes() {
      return files.reduce((sum, file) => sum + file.bytes, 0);
    },
    reached: (run) => reached.get(run) ?? 0,
    append(entries) {
      if (failing && clock.monotonic() < failing.retryAt) return;
      writeAll(entries);
      void sync();
    },
    syncSoon() {
      noDelay.abort();
    },
    release(oldestHeld) {
      const isHeld = (file: SpoolFile) =>
        [...file.reached].some(([run, last]) => (oldestHeld(run) ?? Number.POSITIVE_INFINITY) <= last);
      for (const file of files.filter((each) => !isHeld(each))) {
        if (current?.file === file) {
          current.segment.close();
          current = undefined;
        }
        remove(file);
      }
    },
    async close(entries) {
      writeAll(entries);
      noDelay.abort();
      try {
        current?.segment.seal();
      } catch (error) {
        failed(error);
      }
      current = undefined;
      await lock.release();
    },
  };
}

/** Splits entries into groups of about `bytes`. */
function* inParts(entries: readonly Entry[], bytes: number): Generator<Entry[]> {
  let part: Entry[] = [];
  let size = 0;
  for (const entry of entries) {
    part.push(entry);
    size += entry.bytes.length;
    if (size < bytes) continue;
    yield part;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield part;
}
