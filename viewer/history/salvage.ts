import { fromJson, METERS, METERS_KEY, NAMES_KEY, unsealOrSkip } from "./sealed.ts";
import { type Database, type OpenDatabase, sqliteFault } from "./sqlite.ts";
import type { Change, Tier } from "./store.ts";

/** Rows that can still be read in a damaged file. */
export interface Salvage {
  readonly names: readonly (readonly [number, string])[];
  /** Days first: they are kept for ever. */
  rows(): Iterable<Change>;
  close(): void;
}

const ORDER: readonly Tier[] = ["days", "hours", "minutes", "readings", "open"];
const PAGE = 100;

/** @throws {SqliteError} where nothing can be read */
export function openSalvage(path: string, open: OpenDatabase): Salvage {
  const database = open(path);
  const state = new Map(readTable(database, "state"));
  const names = fromJson<[number, string][]>(state.get(NAMES_KEY)) ?? [];
  const meters = fromJson<string[]>(state.get(METERS_KEY)) ?? [];

  function* rows(): Iterable<Change> {
    // Without the names of columns only the days can be understood.
    for (const tier of names.length > 0 ? ORDER : ORDER.slice(0, 1)) {
      for (const [key, bytes] of readTable(database, tier)) {
        const meter = meters[key % METERS] ?? (tier === "days" ? meterOf(bytes) : undefined);
        if (meter !== undefined) yield { tier, meter, slot: Math.floor(key / METERS), bytes };
      }
    }
  }
  return { names, rows, close: () => database.close() };
}

/** A day's own copy of the name. */
function meterOf(bytes: Uint8Array): string | undefined {
  return fromJson<{ meter?: string }>(bytes)?.meter;
}

/** Rows with the right checksum: from the first on until the file cannot be read, then from the last on. */
function* readTable(database: Database, table: string): Iterable<[number, Uint8Array]> {
  let low = -1;
  for (const row of readUntilDamage(database, `SELECT key, block FROM ${table} WHERE key > ? ORDER BY key`, low)) {
    low = row.key;
    if (row.bytes) yield [row.key, row.bytes];
  }
  const last = Number.MAX_SAFE_INTEGER;
  const sql = `SELECT key, block FROM ${table} WHERE key < ? AND key > ${low} ORDER BY key DESC`;
  for (const row of readUntilDamage(database, sql, last)) if (row.bytes) yield [row.key, row.bytes];
}

function* readUntilDamage(
  database: Database,
  sql: string,
  from: number,
): Iterable<{ key: number; bytes: Uint8Array | undefined }> {
  let after = from;
  const seen = new Set<number>();
  // A page of rows is lost with one of them, so the rows around the damage are read one by one.
  for (const limit of [PAGE, 1]) {
    try {
      const statement = database.prepare(`${sql} LIMIT ${limit}`);
      for (let rows = statement.all(after); rows.length > 0; rows = statement.all(after)) {
        for (const { key, block } of rows) {
          // The pages of a damaged table may lead in a circle.
          if (seen.has(Number(key))) return;
          after = Number(key);
          seen.add(after);
          yield { key: after, bytes: unsealOrSkip(after, block) };
        }
      }
    } catch (error) {
      if (sqliteFault(error) === undefined) throw error;
    }
  }
}
