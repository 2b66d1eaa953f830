import { closeSync, openSync, readSync, statSync } from "node:fs";
import { BlockError } from "./columns.ts";
import { fromJson, METERS, METERS_KEY, NAMES_KEY, seal, toJson, unseal } from "./sealed.ts";
import { type Database, type OpenDatabase, sqliteFault } from "./sqlite.ts";
import { type Change, type Range, type Row, type Store, TIERS } from "./store.ts";

/** A file of the history. Every method throws SqliteError, or BlockError where the file is damaged. */
export interface SqliteStore extends Omit<Store, "scan" | "write"> {
  /** Names of columns by number. */
  readonly names: readonly (readonly [number, string])[];
  /** At most `limit` rows of one meter by rising slot, `to` exclusive. */
  page(range: Range, limit: number): Row[];
  /** One transaction. `names`: all names of columns. */
  write(changes: readonly Change[], names: SqliteStore["names"]): void;
  close(): void;
}

/** A file of a version after this one, which this program must not change. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/** Each step leads from the version of its index to the next. Steps are never changed, only added. */
export const MIGRATIONS: readonly string[] = [
  ["state", ...TIERS]
    .map((table) => `CREATE TABLE ${table} (key INTEGER PRIMARY KEY, block BLOB NOT NULL) STRICT;`)
    .join("\n"),
];

/** A database of another program has none, or another. */
const APPLICATION_ID = 0x42_4d_53_48;
const PAGE_BYTES = 4096;
/** Versions for writing and reading: https://sqlite.org/fileformat.html#file_format_version_numbers */
const FORMAT_BYTES = { at: 18, count: 2, highest: 2 };
/**
 * No memory shared with other processes: there are none, and a file cut short would kill this one. WAL writes each page
 * once a minute and each page that stays the same once per checkpoint; a rollback journal would write it twice and wait for
 * the disk three times. NORMAL waits for the disk at checkpoints only: a loss of power costs what the kernel has not
 * written, about half a minute, and never the file.
 */
const PRAGMAS = `
  PRAGMA page_size = ${PAGE_BYTES};
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 256;
  PRAGMA cache_size = -4096;
`;

/** @throws {SqliteError, BlockError, NewerSchemaError} */
export function openSqliteStore(path: string, open: OpenDatabase, migrations = MIGRATIONS): SqliteStore {
  checkHeader(path);
  const database = open(path);
  try {
    return createStore(database, migrations);
  } catch (error) {
    database.close();
    // The statements are right, so the tables are not those that were made.
    if (sqliteFault(error) === "statement") throw new BlockError((error as Error).message, { cause: error });
    throw error;
  }
}

/** Finds what SQLite takes for a new file, or for one that must not be written. @throws {BlockError} */
function checkHeader(path: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0) return;
  if (bytes < PAGE_BYTES) throw new BlockError(`only ${bytes} bytes are left`);
  const header = Buffer.alloc(FORMAT_BYTES.at + FORMAT_BYTES.count);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (header.subarray(FORMAT_BYTES.at).some((version) => version > FORMAT_BYTES.highest)) {
    throw new BlockError("the header has another format");
  }
}

function createStore(database: Database, migrations: readonly string[]): SqliteStore {
  const numberOf = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  checkVersion(numberOf, migrations);
  database.exec(PRAGMAS);
  migrate();
  const [fault] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (fault !== "ok") throw new BlockError(String(fault).replace(/^\*\*\*.*\n/, ""));

  const statements = new Map(
    ["state", ...TIERS].map((table) => [
      table,
      {
        read: database.prepare(`SELECT block FROM ${table} WHERE key = ?`),
        page: database.prepare(
          `SELECT key, block FROM ${table} WHERE key >= ? AND key < ? AND key % ${METERS} = ? ORDER BY key LIMIT ?`,
        ),
        write: database.prepare(`INSERT OR REPLACE INTO ${table} (key, block) VALUES (?, ?)`),
        prune: database.prepare(`DELETE FROM ${table} WHERE key < ?`),
        oldest: database.prepare(`SELECT min(key) AS key FROM ${table}`),
        newest: database.prepare(
          `SELECT DISTINCT key / ${METERS} AS slot FROM ${table} ORDER BY key DESC LIMIT 1 OFFSET ?`,
        ),
      },
    ]),
  );
  const of = (table: string) => {
    const found = statements.get(table);
    if (!found) throw new Error(`no table ${table}`);
    return found;
  };
  function readBlock(table: string, key: number): Uint8Array | undefined {
    const row = of(table).read.get(key);
    return row && unseal(key, row.block);
  }
  const readState = <T>(key: number) => fromJson<T>(readBlock("state", key));
  const writeBlock = (table: string, key: number, bytes: Uint8Array) => of(table).write.run(key, seal(key, bytes));
  const writeState = (key: number, value: unknown) => writeBlock("state", key, toJson(value));

  function migrate() {
    const version = numberOf("user_version");
    if (version === migrations.length) return;
    const steps = migrations.slice(version).join(";\n");
    const stamp = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length};`;
    transaction(() => database.exec(`${steps};\n${stamp}`));
  }
  function transaction(work: () => void) {
    database.exec("BEGIN IMMEDIATE");
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      rollBack();
      throw error;
    }
  }
  function rollBack() {
    try {
      database.exec("ROLLBACK");
    } catch (error) {
      // SQLite has rolled back by itself, or nothing can be done with the file any more: the first error says why.
      if (sqliteFault(error) === undefined) throw error;
    }
  }
  const names = readState<[number, string][]>(NAMES_KEY) ?? [];
  const meters = readState<string[]>(METERS_KEY) ?? [];
  let namesWritten = names.length;
  const idOf = (meter: string) => meters.indexOf(meter);
  // A damaged key may still be in order, and its row would not be missed.
  for (const tier of TIERS) {
    const stray = database.prepare(`SELECT key FROM ${tier} WHERE key % ${METERS} >= ? LIMIT 1`).get(meters.length);
    if (stray) throw new BlockError("a row belongs to no meter");
  }

  return {
    names,
    meters: () => meters,
    read({ tier, meter, slot }) {
      const id = idOf(meter);
      return id < 0 ? undefined : readBlock(tier, slot * METERS + id);
    },
    page({ tier, meter, from, to }, limit) {
      const id = idOf(meter);
      if (id < 0) return [];
      const rows = of(tier).page.all(from * METERS, Math.min(to, MAX_SLOT) * METERS, id, limit);
      return rows.map(({ key, block }) => ({
        slot: Math.floor(Number(key) / METERS),
        bytes: unseal(Number(key), block),
      }));
    },
    write(changes, current) {
      const known = meters.length;
      try {
        transaction(() => {
          for (const { meter } of changes) if (idOf(meter) < 0) meters.push(meter);
          if (meters.length > known) writeState(METERS_KEY, meters);
          if (current.length > namesWritten) writeState(NAMES_KEY, current);
          for (const { tier, meter, slot, bytes } of changes) writeBlock(tier, slot * METERS + idOf(meter), bytes);
        });
      } catch (error) {
        meters.length = known;
        throw error;
      }
      namesWritten = current.length;
    },
    prune: (tier, before) => void of(tier).prune.run(before * METERS),
    newest(tier, newer) {
      const row = of(tier).newest.get(newer);
      return row && Number(row.slot);
    },
    oldest(tier) {
      const key = of(tier).oldest.get()?.key;
      return key === null || key === undefined ? undefined : Math.floor(Number(key) / METERS);
    },
    bytes: () => (numberOf("page_count") - numberOf("freelist_count")) * numberOf("page_size"),
    compact() {
      if (numberOf("freelist_count") > numberOf("page_count") * FREE_PART) database.exec("PRAGMA incremental_vacuum");
    },
    close: () => database.close(),
  };
}

/** Part of the file that may be empty: it will be used again. */
const FREE_PART = 0.1;
/** Larger than every slot; times METERS it is still a safe integer. */
const MAX_SLOT = 2 ** 40;

function checkVersion(numberOf: (pragma: string) => number, migrations: readonly string[]): void {
  const [application, version] = [numberOf("application_id"), numberOf("user_version")];
  const isNew = application === 0 && version === 0 && numberOf("page_count") <= 1;
  if (!isNew && application !== APPLICATION_ID) throw new BlockError("not a file of bms-viewer");
  if (version > migrations.length) throw new NewerSchemaError(`version ${version} instead of ${migrations.length}`);
}
