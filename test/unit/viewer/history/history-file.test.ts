import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Reading } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Log } from "../../../../common/runtime/log.ts";
import { fileBackedStore } from "../../../../viewer/history/backed-store.ts";
import { createHistory, type StoredHistory } from "../../../../viewer/history/history.ts";
import { openHistoryFile } from "../../../../viewer/history/history-file.ts";
import { openHistory } from "../../../../viewer/history/open-history.ts";
import type { OpenDatabase } from "../../../../viewer/history/sqlite.ts";
import { MIGRATIONS } from "../../../../viewer/history/sqlite-store.ts";
import { asStored } from "../../../../viewer/history/summarise.ts";
import { fc } from "../../../support/property.ts";
import { readingOf } from "../../../support/reading.ts";
import { NEEDS_SQLITE, openDatabase } from "../../../support/sqlite.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const BEGIN = Date.UTC(2026, 10, 20);
const HOUR_MS = 3_600_000;
const END = BEGIN + 100 * HOUR_MS;

function lineLog() {
  const lines: string[] = [];
  const log: Log = { error: (line) => lines.push(line), warn: (line) => lines.push(line), info() {}, debug() {} };
  return { lines, log };
}

interface Opened {
  readonly history: StoredHistory;
  readonly lines: readonly string[];
}

function openFile(path: string, changed: { open?: OpenDatabase; migrations?: readonly string[] } = {}): Opened {
  assert.ok(openDatabase);
  const { lines, log } = lineLog();
  const clock = virtualClock(END);
  const file = openHistoryFile(path, { open: openDatabase, clock, log, ...changed });
  assert.ok(file, lines.join("\n"));
  return { history: createHistory(fileBackedStore(file, 1e9), { clock, log }), lines };
}

/** Four days of two meters, a reading every ten minutes. */
const READINGS: readonly Reading[] = Array.from({ length: 600 }, (_, i) => ({
  ...readingOf(i + 1, { meter: i % 2 ? "house" : "solar" }),
  takenAt: BEGIN + i * 600_000,
  sample: { volts: 13 + (i % 7) / 10, watts: 50 - (i % 11), percent: 70, online: 1 },
}));

/** The path of a file with all readings. */
async function writtenFile(t: TestContext): Promise<string> {
  const path = join(await temporaryFolder(t), "history.db");
  const { history } = openFile(path);
  history.add(READINGS);
  history.close();
  return path;
}

const allOf = (history: StoredHistory) => history.meters().flatMap((meter) => [...history.readings(meter, 0, 8e14)]);
const keyOf = ({ meter, takenAt, sample }: Reading) => `${meter} ${takenAt} ${JSON.stringify(sample)}`;
const keys: ReadonlySet<string> = new Set(READINGS.map(asStored).map(keyOf));

type Damage =
  | { readonly cutAt: number }
  | { readonly flips: readonly (readonly [number, number])[] }
  | { readonly zeroFrom: number; readonly length: number };

function arbitraryDamage(length: number): fc.Arbitrary<Damage> {
  const position = fc.nat(length - 1);
  const flip = fc.tuple(position, fc.integer({ min: 1, max: 255 }));
  return fc.oneof(
    fc.record({ cutAt: position }),
    fc.record({ flips: fc.array(flip, { minLength: 1, maxLength: 20 }) }),
    fc.record({ zeroFrom: position, length: fc.nat(20_000) }),
  );
}

function damagedBy(how: Damage, bytes: Uint8Array): Uint8Array {
  if ("cutAt" in how) return bytes.subarray(0, how.cutAt);
  const damaged = Buffer.from(bytes);
  if ("flips" in how) for (const [at, mask] of how.flips) damaged[at] = (damaged[at] ?? 0) ^ mask;
  else damaged.fill(0, how.zeroFrom, Math.min(bytes.length, how.zeroFrom + how.length));
  return damaged;
}

describe("the file of a history", NEEDS_SQLITE, () => {
  test("keeps what was written", async (t) => {
    const { history, lines } = openFile(await writtenFile(t));
    assert.deepEqual(new Set(allOf(history).map(keyOf)), keys);
    assert.deepEqual(lines, []);
    assert.equal(history.view().since, BEGIN);
    history.close();
  });

  test("is begun anew with what can be read, whatever bytes are damaged", async (t) => {
    const folder = await temporaryFolder(t);
    const bytes = readFileSync(await writtenFile(t));
    const damage = arbitraryDamage(bytes.length);
    let [number, losses, saved] = [0, 0, 0];
    fc.assert(
      fc.property(damage, (how) => {
        number += 1;
        const path = join(folder, `${number}.db`);
        writeFileSync(path, damagedBy(how, bytes));

        const { history, lines } = openFile(path);
        const late = { ...readingOf(9_999), meter: "house", takenAt: END };
        history.add([late]);
        history.energy("house", 7);
        history.series({ meter: "solar", quantities: ["volts"], from: BEGIN, to: END, points: 50 });
        history.lifetime("house");
        history.flush();
        const found = new Set(allOf(history).map(keyOf));
        history.close();
        assert.ok(found.delete(keyOf(late)));
        for (const key of found) assert.ok(keys.has(key), `not a reading: ${key}`);
        // A file that was cut to nothing cannot be told from a new one.
        const isNew = "cutAt" in how && how.cutAt === 0;
        // Nor can one whose version was damaged from that of a newer program, which is kept as a whole.
        const isSaid = /(is damaged .*|newer version .*) begun anew/;
        if (found.size < keys.size && !isNew) assert.match(lines.join("\n"), isSaid);
        losses += keys.size - found.size;
        saved += found.size;
        const again = openFile(path);
        assert.equal(allOf(again.history).length, found.size + 1);
        assert.deepEqual(again.lines, []);
        again.history.close();
      }),
      { numRuns: Number(process.env.HISTORY_RUNS ?? 12) },
    );
    t.diagnostic(`${number} damaged files: ${saved} readings saved, ${losses} lost`);
  });

  test("loses nothing else when a reading is damaged", async (t) => {
    const path = await writtenFile(t);
    const { history } = openFile(path);
    const expected = history.energy("house", 5);
    history.close();
    const database = openDatabase?.(path);
    database?.exec("UPDATE readings SET block = x'0011223344556677' WHERE key = (SELECT max(key) FROM readings)");
    database?.close();
    const after = openFile(path);
    assert.equal(allOf(after.history).length, READINGS.length - 1);
    assert.match(after.lines.join(), /a checksum is wrong/);
    assert.deepEqual(after.history.energy("house", 5), expected);
    after.history.close();
  });

  test("is not begun anew for a damaged write-ahead log", async (t) => {
    const folder = await temporaryFolder(t);
    const live = openFile(join(folder, "live.db"));
    live.history.add(READINGS);
    live.history.flush();
    live.history.add([readingOf(1, { takenAt: END })]);
    live.history.flush();
    for (const end of ["", "-wal"]) copyFileSync(join(folder, `live.db${end}`), join(folder, `copy.db${end}`));
    live.history.close();
    truncateSync(join(folder, "copy.db-wal"), readFileSync(join(folder, "copy.db-wal")).length - 100);
    const { history, lines } = openFile(join(folder, "copy.db"));
    assert.deepEqual(lines, []);
    assert.equal(allOf(history).length, READINGS.length);
    history.close();
  });

  test("keeps the two latest damaged files", async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, "history.db");
    for (const name of ["20200101T000000Z", "20210101T000000Z", "20220101T000000Z"]) {
      writeFileSync(`${path}.damaged-${name}`, name);
    }
    writeFileSync(path, "this is not a database, and it is longer than a header".repeat(100));
    openFile(path).history.close();
    const damaged = readdirSync(folder).filter((name) => name.includes("damaged"));
    assert.deepEqual(damaged, ["history.db.damaged-20220101T000000Z", "history.db.damaged-20261124T040000Z"]);
  });

  test("leads from one version to the next", async (t) => {
    const path = await writtenFile(t);
    const migrations = [...MIGRATIONS, "CREATE TABLE notes (key INTEGER PRIMARY KEY) STRICT"];
    const { history, lines } = openFile(path, { migrations });
    assert.equal(allOf(history).length, READINGS.length);
    assert.deepEqual(lines, []);
    history.close();

    const older = openFile(path);
    assert.match(older.lines.join(), /was written by a newer version \(version 2 instead of 1\): moved to /);
    assert.equal(allOf(older.history).length, 0);
    older.history.close();
    const [aside] = readdirSync(join(path, "..")).filter((name) => name.includes("newer"));
    assert.ok(aside);
    const untouched = openFile(join(path, "..", aside), { migrations });
    assert.equal(allOf(untouched.history).length, READINGS.length);
    untouched.history.close();
  });

  test("is left to memory while the disk is full, and written afterwards", async (t) => {
    const path = join(await temporaryFolder(t), "history.db");
    let setPages = (_count: number): void => {};
    const open: OpenDatabase = (file) => {
      assert.ok(openDatabase);
      const database = openDatabase(file);
      setPages = (count) => database.exec(`PRAGMA max_page_count = ${count}`);
      return database;
    };
    const { history, lines } = openFile(path, { open });
    setPages(20);
    for (let i = 0; i < READINGS.length; i += 50) {
      history.add(READINGS.slice(i, i + 50));
      history.flush();
    }
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /full; kept in memory: free some space/);
    assert.equal(allOf(history).length, READINGS.length);
    setPages(2 ** 30);
    history.flush();
    history.close();
    const again = openFile(path);
    assert.equal(allOf(again.history).length, READINGS.length);
    again.history.close();
  });

  test("is used by one viewer", async (t) => {
    const directory = await temporaryFolder(t);
    const { log } = lineLog();
    const deps = { clock: virtualClock(END), log };
    const first = await openHistory({ directory, megabytes: 10 }, deps);
    await assert.rejects(openHistory({ directory, megabytes: 10 }, deps), /is used by another bms-viewer/);
    first.close();
    (await openHistory({ directory, megabytes: 10 }, deps)).close();
  });

  test("is not there where its directory is a file: the history is in memory, and one line says so", async (t) => {
    const directory = join(await temporaryFolder(t), "history");
    writeFileSync(directory, "");
    const { lines, log } = lineLog();
    const history = await openHistory({ directory, megabytes: 10 }, { clock: virtualClock(END), log });
    assert.equal(history.view().kind, "memory");
    assert.match(lines.join(), /^history: kept in memory: ENOTDIR.*; give --history a directory that can be written$/);
  });
});

test("without SQLite the history is in memory, and one line says so", async (t) => {
  const { lines, log } = lineLog();
  const directory = await temporaryFolder(t);
  const options = { directory, megabytes: 10 };
  const history = await openHistory(options, { clock: virtualClock(END), log, loadSqlite: () => undefined });
  assert.equal(history.view().kind, "memory");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /Node v[\d.]+ has no SQLite; use Node 22.13 or newer/);
});
