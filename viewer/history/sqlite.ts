/** The part of node:sqlite that is used here. Only this file knows the module, which Node 20 does not have. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

export interface Statement {
  run(...values: readonly SqlValue[]): unknown;
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): SqlRow[];
}

type SqlValue = number | string | Uint8Array;
type SqlRow = Readonly<Record<string, unknown>>;

/** @throws {SqliteError} */
export type OpenDatabase = (path: string) => Database;

/** Kinds of failure by the primary result code: https://sqlite.org/rescode.html */
const CODES: Readonly<Record<number, SqliteFault>> = {
  1: "statement",
  11: "damaged",
  26: "damaged",
  13: "full",
  8: "read-only",
};
/** An extended code: the file ends within a page. */
const SHORT_READ = 522;

export type SqliteFault = "damaged" | "statement" | "full" | "read-only" | "other";

export function sqliteFault(error: unknown): SqliteFault | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return undefined;
  return errcode === SHORT_READ ? "damaged" : (CODES[errcode & 0xff] ?? "other");
}

/** Undefined where this Node has no SQLite. */
export function loadSqlite(): OpenDatabase | undefined {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  const { emitWarning } = process;
  // Node 22 and 24 warn about the module on stderr. It is proved here by tests of its own.
  process.emitWarning = () => {};
  try {
    const sqlite = getBuiltinModule?.("node:sqlite") as { DatabaseSync: new (path: string) => Database } | undefined;
    return sqlite && ((path) => new sqlite.DatabaseSync(path));
  } finally {
    process.emitWarning = emitWarning;
  }
}
