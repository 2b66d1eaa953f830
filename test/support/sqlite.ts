import { loadSqlite } from "../../viewer/history/sqlite.ts";

/** Opens databases where this Node can. */
export const openDatabase = loadSqlite();

/** For the options of a test that needs SQLite. */
export const NEEDS_SQLITE = { skip: openDatabase ? false : `Node ${process.version} has no SQLite` };
