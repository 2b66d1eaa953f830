import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { BlockError } from "./columns.ts";
import { openSalvage } from "./salvage.ts";
import { type OpenDatabase, type SqliteFault, sqliteFault } from "./sqlite.ts";
import { NewerSchemaError, openSqliteStore, type SqliteStore } from "./sqlite-store.ts";
import type { Change } from "./store.ts";

/** The file of a history, which is moved aside and begun anew when it is damaged. */
export interface HistoryFile {
  /** Names of columns when it was opened. */
  readonly names: readonly (readonly [number, string])[];
  /** False after it could not be replaced. */
  isUsable(): boolean;
  /** The result of `work`, which is done again if the file is found damaged. `otherwise` where it fails. */
  read<T>(work: (store: SqliteStore) => T, otherwise: T): T;
  /** Writes all or nothing. False if it fails: the log has the reason. `names`: all names of columns. */
  write(rows: readonly Change[], names: SqliteStore["names"]): boolean;
  close(): void;
}

export interface HistoryFileDeps {
  readonly open: OpenDatabase;
  readonly clock: Clock;
  readonly log: Log;
  readonly migrations?: readonly string[];
}

/** Damaged files that are kept for those who want to look. */
const MAX_DAMAGED = 2;
/** Rows of one transaction while a damaged file is read. */
const SALVAGE_ROWS = 500;

const REMEDIES: Readonly<Record<SqliteFault, string>> = {
  damaged: "check the disk",
  statement: "check the disk",
  full: "free some space on the disk or set --history-mb lower",
  "read-only": "make the directory writable",
  other: "check the disk, and the owner of the directory",
};

const UNTIL_RESTART = "kept in memory until bms-viewer is restarted";

/** Undefined where no file can be used: the log has the reason. */
export function openHistoryFile(path: string, deps: HistoryFileDeps): HistoryFile | undefined {
  const { open, clock, log, migrations } = deps;
  const openStore = () => openSqliteStore(path, open, migrations);
  let store: SqliteStore | undefined;
  /** Logged, until it is written again. */
  let isFailing = false;
  let names: SqliteStore["names"] = [];

  try {
    store = openStore();
    names = store.names;
  } catch (error) {
    if (error instanceof NewerSchemaError) store = replaceNewer(error);
    else if (faultOf(error) === "damaged") store = replaceDamaged(error);
    else unusable(error);
  }
  if (!store) return undefined;

  function unusable(error: unknown) {
    const fault = sqliteFault(error);
    if (fault === undefined) throw error;
    log.warn(`history: ${path} cannot be used: ${messageOf(error)}; ${UNTIL_RESTART}: ${REMEDIES[fault]}`);
  }
  function replaceNewer(error: Error): SqliteStore | undefined {
    return replace(`${path}.newer`, (aside) => {
      log.warn(`history: ${path} was written by a newer version (${error.message}): moved to ${aside}, begun anew`);
    });
  }
  function replaceDamaged(error: unknown): SqliteStore | undefined {
    return replace(`${path}.damaged`, (aside, fresh) => {
      const counts = salvage(aside, fresh);
      log.warn(`history: ${path} is damaged (${messageOf(error)}): moved to ${aside}, begun anew with ${counts}`);
      removeOldest(`${path}.damaged`);
    });
  }
  function replace(prefix: string, then: (aside: string, fresh: SqliteStore) => void): SqliteStore | undefined {
    const aside = `${prefix}-${new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, "")}`;
    try {
      move(path, aside);
      const fresh = openStore();
      then(aside, fresh);
      return fresh;
    } catch (error) {
      log.warn(`history: ${path} cannot be replaced: ${messageOf(error)}; ${UNTIL_RESTART}: check the disk`);
      return undefined;
    }
  }
  /** Copies what can be read. Returns in words what was. */
  function salvage(aside: string, fresh: SqliteStore): string {
    const counts = { days: 0, readings: 0 };
    try {
      const from = openSalvage(aside, open);
      names = names.length > 0 ? names : from.names;
      for (const rows of batches(from.rows(), SALVAGE_ROWS)) {
        fresh.write(rows, names);
        for (const { tier } of rows) if (tier === "days" || tier === "readings") counts[tier] += 1;
      }
      from.close();
    } catch (error) {
      log.debug(`history: no more can be read in ${aside}: ${messageOf(error)}`);
    }
    return `${counts.days} days and ${counts.readings} minutes of readings`;
  }
  function closeQuietly() {
    try {
      store?.close();
    } catch (error) {
      log.debug(`history: ${messageOf(error)}`);
    }
    store = undefined;
  }
  /** Undefined if it fails otherwise than by damage. */
  function attempt<T>(work: (store: SqliteStore) => T, isAgain = false): { readonly value: T } | undefined {
    if (!store) return undefined;
    try {
      return { value: work(store) };
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      if (fault !== "damaged" || isAgain) {
        if (!isFailing) log.warn(`history: ${path}: ${messageOf(error)}; kept in memory: ${REMEDIES[fault]}`);
        isFailing = true;
        return undefined;
      }
      closeQuietly();
      store = replaceDamaged(error);
      return attempt(work, true);
    }
  }
  return {
    names,
    isUsable: () => store !== undefined,
    read: (work, otherwise) => attempt(work)?.value ?? otherwise,
    write(rows, current) {
      const isWritten = attempt((file) => file.write(rows, current)) !== undefined;
      if (isWritten && isFailing) log.info(`history: ${path} is written again`);
      if (isWritten) isFailing = false;
      return isWritten;
    },
    close: closeQuietly,
  };
}

const faultOf = (error: unknown) => (error instanceof BlockError ? "damaged" : sqliteFault(error));
const messageOf = (error: unknown) => (error as Error).message;

/** A database and its log. */
function move(from: string, to: string): void {
  renameSync(from, to);
  try {
    renameSync(`${from}-wal`, `${to}-wal`);
  } catch {
    // It was closed properly, so there is none.
  }
}

function removeOldest(prefix: string): void {
  const directory = dirname(prefix);
  const found = readdirSync(directory).filter(
    (name) => name.startsWith(`${basename(prefix)}-`) && !name.endsWith("-wal"),
  );
  for (const name of found.sort().slice(0, -MAX_DAMAGED)) {
    for (const ending of ["", "-wal"]) rmSync(join(directory, name + ending), { force: true });
  }
}

function* batches(rows: Iterable<Change>, size: number): Iterable<Change[]> {
  let batch: Change[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
