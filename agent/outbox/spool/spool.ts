import type { Clock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { pathLocks } from "../../../common/runtime/machine-locks.ts";
import { LockError } from "../../../common/runtime/process-lock.ts";
import { realPath } from "../../../common/runtime/real-path.ts";
import { UsageError } from "../../../common/runtime/usage-error.ts";
import type { Entry } from "../entry.ts";
import { incompletePath, listSpoolFiles, readSpoolFile, spoolFilePath } from "./directory.ts";
import { FileIndex, type SpoolFile } from "./file-index.ts";
import { type FileSystem, realFileSystem } from "./file-system.ts";
import { decodeRecords } from "./record.ts";
import { Segment } from "./segment.ts";

/** Readings in files, kept until they are settled. */
export interface Spool {
  /** Reads the files of earlier runs and yields their readings, oldest first, each once. To be exhausted before any other call. */
  load(): Iterable<Entry>;
  readonly bytes: number;
  /** The highest number of a run that was ever written, 0 if none was. */
  reached(run: string): number;
  /**
   * Writes entries, oldest first. They survive this process from here on, unless the disk fails: that is logged once, and
   * a later call tries again.
   */
  append(entries: Iterable<Entry>): void;
  /** Undefined if it was not written, or cannot be read any more. */
  read(run: string, seq: number): Entry | undefined;
  /** Replaces each entry by what `change` returns for it. */
  rewrite(change: (entry: Entry) => Entry): void;
  /**
   * Notes that of a run nothing below a number is needed, and removes the files of which nothing is needed. In a spool that
   * is never synced the file that is being written becomes empty instead.
   */
  release(run: string, below: number): void;
  /** The highest number of each run in the oldest file; undefined if there is only one file. */
  oldest(): ReadonlyMap<string, number> | undefined;
  /** From here on, appended entries are synced to disk at once. */
  syncSoon(): void;
  /** Syncs everything to disk. */
  close(): Promise<void>;
}

export interface SpoolSettings {
  /** For the log: the option that names the directory. */
  readonly name: string;
  /** Longest time until appended entries are synced to disk, so that they survive a power cut. Undefined: never. */
  readonly syncAfterMs: number | undefined;
  /** Size at which the next file begins. */
  readonly fileBytes: number;
}

export interface SpoolDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly fs?: FileSystem;
}

/** After a failure, until the next attempt to write. */
const RETRY_MS = 5_000;

/** Opens the spool in a directory. @throws {LockError} if another process uses it @throws {UsageError} if it cannot exist */
export async function openSpool(folder: string, settings: SpoolSettings, deps: SpoolDeps): Promise<Spool> {
  const { clock, log, fs = realFileSystem } = deps;
  const { name, syncAfterMs, fileBytes } = settings;
  const index = new FileIndex();
  const noDelay = new AbortController();
  /** Set while the disk fails. */
  let failing: { readonly retryAt: number } | undefined;
  let number = 0;
  /** The file that is being written, if there is one. */
  let current: { readonly segment: Segment; readonly file: SpoolFile } | undefined;
  /** The content of the file that was read last, or is being written: run and number → entry. */
  let content: { readonly file: SpoolFile; readonly entries: Map<string, Entry> } | undefined;
  let isSyncing = false;

  makeFolder();
  const lock = await pathLocks().exclusive(`spool ${realPath(folder)}`);
  if (!lock) throw new LockError(`${name} ${folder} is used by another bms-agent: give each agent its own directory`);

  function makeFolder() {
    try {
      fs.makeFolder(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The directory above it exists, and takes none: below /proc.
      if (code === "ENOENT")
        throw new UsageError(`${name} ${folder}: no directory can be made there: give another one`);
      failed(error);
    }
  }
  function failed(error: unknown) {
    const reason = error instanceof Error ? error.message : error;
    if (!failing) log.warn(`${name} ${folder} cannot be used, readings are kept in memory only: ${reason}`);
    failing = { retryAt: clock.monotonic() + RETRY_MS };
  }
  /** The result of `work`, or undefined where the file system fails. */
  function attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      failed(error);
      return undefined;
    }
  }
  function writeAll(entries: Iterable<Entry>) {
    try {
      let isWritten = false;
      for (const part of inParts(entries, fileBytes)) {
        writePart(part);
        isWritten = true;
      }
      if (!isWritten) return;
      if (failing) log.info(`${name} ${folder} can be used again`);
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
    index.resize(file, segment.bytes);
    for (const entry of entries) {
      index.note(file, entry.origin.run, entry.seq);
      if (content?.file === file) content.entries.set(key(entry.origin.run, entry.seq), entry);
    }
    if (file.bytes >= fileBytes) seal();
  }
  /** @throws {Error} from the file system */
  function begin() {
    fs.makeFolder(folder);
    number += 1;
    const path = spoolFilePath(folder, number);
    const segment = new Segment(path, syncAfterMs === undefined ? { ...fs, sync() {} } : fs);
    const file = { path, bytes: 0, reached: new Map<string, number>() };
    index.add(file);
    content = { file, entries: new Map() };
    if (syncAfterMs !== undefined) fs.syncFolder(folder);
    return { segment, file };
  }
  /** @throws {Error} from the file system */
  function seal() {
    if (current?.file.bytes === 0) return remove(current.file);
    const sealed = current;
    current = undefined;
    sealed?.segment.seal();
  }
  /** Takes everything out of a file. */
  function release(file: SpoolFile) {
    const isWritten = current?.file === file;
    if (isWritten && syncAfterMs === undefined) attempt(clear);
    if (!isWritten || file.bytes > 0) remove(file);
  }
  /** Readings that are released at once would need a new file each. @throws {Error} from the file system */
  function clear() {
    if (!current) return;
    current.segment.clear();
    index.resize(current.file, 0);
    content = { file: current.file, entries: new Map() };
  }
  function remove(file: SpoolFile) {
    index.delete(file);
    if (current?.file === file) {
      current.segment.close();
      current = undefined;
    }
    if (content?.file === file) content = undefined;
    attempt(() => fs.remove(file.path));
  }
  async function sync() {
    if (isSyncing || syncAfterMs === undefined) return;
    isSyncing = true;
    while (current?.segment.needsSync) {
      if (syncAfterMs > 0) await clock.sleep(syncAfterMs, noDelay.signal).catch(() => {});
      await current?.segment.sync().catch(failed);
    }
    isSyncing = false;
  }
  function contentOf(file: SpoolFile) {
    if (content?.file !== file) {
      const { entries } = decodeRecords(fs.read(file.path));
      content = { file, entries: new Map(entries.map((entry) => [key(entry.origin.run, entry.seq), entry])) };
    }
    return content.entries;
  }
  /** Replaces a file at once: after a kill there is either the old one or the new one. @throws {Error} from the file system */
  function replace(file: SpoolFile, entries: readonly Entry[]) {
    const path = incompletePath(file.path);
    fs.remove(path);
    const segment = new Segment(path, fs);
    segment.append(entries);
    segment.seal();
    fs.rename(path, file.path);
    fs.syncFolder(folder);
    index.resize(file, segment.bytes);
    content = undefined;
  }

  return {
    *load() {
      const found = attempt(() => listSpoolFiles(folder, { fs, log }));
      number = found?.lastNumber ?? 0;
      for (const fileName of found?.names ?? []) {
        const read = readSpoolFile(folder, fileName, { fs, log });
        if (!read) continue;
        const { path, bytes, entries } = read;
        const file = { path, bytes, reached: new Map<string, number>() };
        index.add(file);
        for (const entry of entries) {
          const { run } = entry.origin;
          if (entry.seq <= index.reached(run)) continue;
          index.note(file, run, entry.seq);
          yield entry;
        }
        if (file.reached.size === 0) remove(file);
      }
    },
    get bytes() {
      return index.bytes;
    },
    reached: (run) => index.reached(run),
    append(entries) {
      if (failing && clock.monotonic() < failing.retryAt) return;
      writeAll(entries);
      void sync();
    },
    read(run, seq) {
      const file = index.find(run, seq);
      return file && attempt(() => contentOf(file).get(key(run, seq)));
    },
    rewrite(change) {
      attempt(seal);
      for (const file of [...index.files]) {
        attempt(() => {
          const before = [...contentOf(file).values()];
          const after = before.map(change);
          if (after.some((entry, i) => entry !== before[i])) replace(file, after);
        });
      }
    },
    release(run, below) {
      for (const file of index.release(run, below)) release(file);
    },
    oldest: () => (index.oldest === current?.file ? undefined : index.oldest?.reached),
    syncSoon() {
      noDelay.abort();
    },
    async close() {
      noDelay.abort();
      attempt(seal);
      await lock.release();
    },
  };
}

const key = (run: string, seq: number) => `${run} ${seq}`;

/** Splits entries into groups of about `bytes`. */
function* inParts(entries: Iterable<Entry>, bytes: number): Generator<Entry[]> {
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
