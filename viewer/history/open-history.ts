import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../common/runtime/clock.ts";
import { lockDirectory } from "../../common/runtime/file-locks.ts";
import type { Log } from "../../common/runtime/log.ts";
import { LockError, type ProcessLock } from "../../common/runtime/process-lock.ts";
import { type BackedStore, fileBackedStore, memoryBackedStore } from "./backed-store.ts";
import { createHistory, type StoredHistory } from "./history.ts";
import { openHistoryFile } from "./history-file.ts";
import { loadSqlite, type OpenDatabase } from "./sqlite.ts";

export interface HistoryOptions {
  /** Undefined: in memory. */
  readonly directory?: string | undefined;
  /** Most space that the file takes. */
  readonly megabytes: number;
}

export interface OpenHistoryDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly loadSqlite?: () => OpenDatabase | undefined;
}

/** @throws {LockError} if another viewer uses the directory */
export async function openHistory(options: HistoryOptions, deps: OpenHistoryDeps): Promise<StoredHistory> {
  return createHistory(await openStore(options, deps), deps);
}

async function openStore({ directory, megabytes }: HistoryOptions, deps: OpenHistoryDeps): Promise<BackedStore> {
  const { clock, log, loadSqlite: load = loadSqlite } = deps;
  if (directory === undefined) return memoryBackedStore();
  const open = load();
  if (!open) {
    log.warn(`history: kept in memory: Node ${process.version} has no SQLite; use Node 22.13 or newer`);
    return memoryBackedStore();
  }
  let lock: ProcessLock | undefined;
  try {
    createDirectory(directory);
    // Not by an abstract socket: a service with a network namespace of its own does not see those of others.
    lock = await lockDirectory(directory);
  } catch (error) {
    log.warn(`history: kept in memory: ${(error as Error).message}; give --history a directory that can be written`);
    return memoryBackedStore();
  }
  if (!lock) throw new LockError(`${directory} is used by another bms-viewer: give each its own --history directory`);
  const file = openHistoryFile(join(directory, FILE), { open, clock, log });
  const store = file ? fileBackedStore(file, megabytes * BYTES) : memoryBackedStore();
  return {
    ...store,
    close() {
      store.close();
      void lock.release();
    },
  };
}

function createDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Name of the file in the directory. */
const FILE = "history.db";
const BYTES = 1e6;
const FLUSH_MS = 60_000;

/** Flushes once a minute until `stop` aborts. */
export async function keepFlushing(history: StoredHistory, clock: Clock, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await clock.sleep(FLUSH_MS, stop).catch(() => {});
    history.flush();
  }
}
