import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { tryLock } from "../../../common/runtime/process-lock.ts";
import { UsageError } from "../../../common/runtime/usage-error.ts";
import type { Entry } from "../ledger.ts";
import {
  makeSpoolFolder,
  reach,
  readSpoolFolder,
  type SpoolFile,
  type SpoolFolder,
  spoolFilePath,
  syncSpoolFolder,
} from "./directory.ts";
import { Segment, type WritePart } from "./segment.ts";

/** Readings on disk, for as long as somebody may have to send them again. */
export interface Spool {
  /** What earlier runs left, oldest first. Handed over once. */
  takeFound(): readonly Entry[];
  /** The time of the newest reading of a meter that earlier runs left, 0 where they left none. */
  newest(meter: string): number;
  /** On disk. */
  readonly bytes: number;
  /** The highest number of a run that is written, 0 where none is. */
  reached(run: string): number;
  /**
   * Writes entries, oldest first. They survive this process from here on, unless the disk takes nothing: that is said once,
   * and tried again a while later.
   */
  append(entries: readonly Entry[]): void;
  /** From here on, what is appended is brought to the disk at once. */
  hasten(): void;
  /** Removes the files of which nothing is held any more; `oldestHeld` tells the lowest number of a run that is. */
  release(oldestHeld: (run: string) => number | undefined): void;
  /** Writes these as well, and ends with everything on the disk. */
  close(entries: readonly Entry[]): Promise<void>;
}

export interface SpoolPolicy {
  /** How long what is appended may wait for the disk, ms: it survives a power cut after that. */
  readonly syncAfterMs: number;
  /** Size at which the next file is begun. */
  readonly fileBytes?: number;
}

export interface SpoolEffects {
  readonly clock: Clock;
  readonly log: Log;
  readonly write?: WritePart;
}

const FILE_BYTES = 256 * 1024;
/** After a failure, until the disk is tried again, ms. */
const RETRY_MS = 5_000;

/** The spool in a folder, which no other process has. @throws {UsageError} where one has */
export async function openSpool(folder: string, policy: SpoolPolicy, effects: SpoolEffects): Promise<Spool> {
  const { clock, log, write } = effects;
  const { syncAfterMs, fileBytes = FILE_BYTES } = policy;
  const claimed = await tryLock(`spool ${resolve(folder)}`);
  if (!claimed) throw new UsageError(`--spool ${folder} is used by another bms-agent: give each a folder of its own`);
  const haste = new AbortController();
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
    reach(reached, entry);
  }
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
    const why = error instanceof Error ? error.message : error;
    if (!failing) log.warn(`--spool ${folder} cannot be used, readings are kept in memory only: ${why}`);
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
      reach(file.reached, entry);
      reach(reached, entry);
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
      if (syncAfterMs > 0) await clock.sleep(syncAfterMs, haste.signal).catch(() => {});
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
    hasten() {
      haste.abort();
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
      haste.abort();
      try {
        current?.segment.seal();
      } catch (error) {
        failed(error);
      }
      current = undefined;
      await claimed.release();
    },
  };
}

/** Entries in groups of about `bytes`. */
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
