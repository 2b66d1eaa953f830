import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Entry } from "../../../../../agent/outbox/ledger.ts";
import type { WritePart } from "../../../../../agent/outbox/spool/segment.ts";
import { openSpool, type Spool } from "../../../../../agent/outbox/spool/spool.ts";
import { virtualClock } from "../../../../../common/runtime/clock.ts";
import type { Log } from "../../../../../common/runtime/log.ts";
import { entryOf } from "../../../../support/entry.ts";

const OLD_RUN = "aaaaaaaaaaaaaaaa";
const RUN = entryOf(1).origin.run;

/** A temporary directory in which spools are opened one after the other. */
function setUp(t: TestContext, settings: { write?: WritePart; fileBytes?: number } = {}) {
  const root = mkdtempSync(join(tmpdir(), "bms-spool-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, "spool");
  const clock = virtualClock();
  const logged: string[] = [];
  const keep = (message: string) => void logged.push(message);
  const log: Log = { error: keep, warn: keep, info: keep, debug: keep };
  const { fileBytes = 4096, write } = settings;
  return {
    folder,
    clock,
    logged,
    files: () => readdirSync(folder).sort(),
    async open(): Promise<Spool> {
      const spool = await openSpool(folder, { syncAfterMs: 0, fileBytes }, { clock, log, ...(write && { write }) });
      t.after(() => spool.close([]));
      return spool;
    },
  };
}

const inShort = (entries: readonly Entry[]) => entries.map(({ origin, seq }) => `${origin.run.slice(0, 1)}${seq}`);
const entries = (first: number, last: number, run = RUN) =>
  Array.from({ length: last - first + 1 }, (_, i) => entryOf(first + i, { run }));

test("appended readings are found by the next run, oldest first, with their own run and number", async (t) => {
  const { open } = setUp(t);
  const first = await open();
  assert.deepEqual(first.takeFound(), []);
  first.append(entries(1, 2, OLD_RUN));
  first.append(entries(3, 3, OLD_RUN));
  await first.close(entries(4, 4, OLD_RUN));
  const second = await open();
  second.append(entries(1, 2));
  await second.close([]);
  const last = await open();
  const found = last.takeFound();
  assert.deepEqual(inShort(found), ["a1", "a2", "a3", "a4", "01", "02"]);
  assert.deepEqual(Buffer.from(found[5]?.bytes ?? []), Buffer.from(entryOf(2).bytes));
  assert.deepEqual([last.newest("bms"), last.newest("solar")], [entryOf(4).takenAt, 0]);
  assert.deepEqual(last.takeFound(), [], "handed over once");
});

test("no file is created before the first reading", async (t) => {
  const { open, files } = setUp(t);
  await (await open()).close([]);
  assert.deepEqual(files(), []);
});

test("an entry is in the file when append returns, so that a kill cannot lose it", async (t) => {
  const { open, folder, files } = setUp(t);
  const spool = await open();
  for (const seq of [1, 2, 3]) {
    spool.append([entryOf(seq)]);
    assert.equal(readFileSync(join(folder, files()[0] ?? "")).length, spool.bytes);
    assert.equal(spool.reached(RUN), seq);
  }
});

test("files have a size limit and are removed when all their readings are settled", async (t) => {
  const { open, files } = setUp(t, { fileBytes: 300 });
  const spool = await open();
  spool.append(entries(1, 20, OLD_RUN));
  spool.append(entries(1, 1));
  const all = files();
  assert.ok(all.length > 3);
  const held = new Map([[OLD_RUN, 1]]);
  const oldestHeld = (run: string) => held.get(run);
  spool.release(oldestHeld);
  assert.deepEqual(files(), all.slice(0, -1), "of the new run nothing is held");
  held.set(OLD_RUN, 20);
  spool.release(oldestHeld);
  assert.equal(files().length, 1);
  held.clear();
  spool.release(oldestHeld);
  assert.deepEqual([files(), spool.bytes], [[], 0]);
  spool.append(entries(2, 2));
  assert.equal(files().length, 1, "a file that went is not written on");
});

test("files of earlier runs are removed as well when all is settled", async (t) => {
  const { open, files } = setUp(t);
  await (await open()).close(entries(1, 5, OLD_RUN));
  const spool = await open();
  spool.release((run) => (run === OLD_RUN ? 5 : undefined));
  assert.equal(files().length, 1);
  spool.release(() => undefined);
  assert.deepEqual(files(), []);
});

test("of a torn file the whole records are read; it is logged and not written on", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  await (await open()).close(entries(1, 3, OLD_RUN));
  const torn = join(folder, files()[0] ?? "");
  truncateSync(torn, readFileSync(torn).length - 1);
  const before = readFileSync(torn);
  const spool = await open();
  assert.deepEqual(inShort(spool.takeFound()), ["a1", "a2"]);
  assert.match(logged.join(), /\d+ bytes are damaged and skipped/);
  spool.append(entries(1, 1));
  assert.equal(files().length, 2);
  assert.deepEqual(readFileSync(torn), before);
});

test("a reading in two files is found once", async (t) => {
  const { open, folder, files } = setUp(t);
  await (await open()).close(entries(1, 3));
  const file = join(folder, files()[0] ?? "");
  writeFileSync(join(folder, "readings-00000007.spool"), readFileSync(file));
  appendFileSync(file, readFileSync(file));
  const spool = await open();
  assert.deepEqual(inShort(spool.takeFound()), ["01", "02", "03"]);
  spool.append(entries(4, 4));
  assert.ok(files().includes("readings-00000008.spool"), "the numbers of files rise");
});

test("other files are left alone, and that is logged", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  mkdirSync(join(folder, "readings-00000001.spool"), { recursive: true });
  writeFileSync(join(folder, "readings-00000002.spool"), "dear diary");
  writeFileSync(join(folder, "notes.txt"), "hello");
  const spool = await open();
  spool.append(entries(1, 1));
  spool.release(() => undefined);
  assert.deepEqual(files(), ["notes.txt", "readings-00000001.spool", "readings-00000002.spool"]);
  assert.equal(logged.length, 3, logged.join("\n"));
  assert.match(logged.join(), /left alone: notes.txt/);
});

test("two processes do not share a directory", async (t) => {
  const { open } = setUp(t);
  const first = await open();
  await assert.rejects(open(), {
    name: "LockError",
    message: /is used by another bms-agent: give each agent its own/,
  });
  await first.close([]);
  await open();
});

test("a full disk is logged once, tried again, and leaves no torn record", async (t) => {
  let room = 700;
  const write: WritePart = (file, bytes) => {
    const part = bytes.subarray(0, room);
    if (part.length === 0) throw new Error("ENOSPC: no space left on device, write");
    room -= part.length;
    return writeSync(file, part);
  };
  const { clock, open, logged } = setUp(t, { write });
  const spool = await open();
  spool.append(entries(1, 2));
  spool.append(entries(3, 12));
  assert.deepEqual([spool.reached(RUN), logged.length], [2, 1]);
  assert.match(logged[0] ?? "", /cannot be used, readings are kept in memory only: ENOSPC/);
  await clock.sleep(6_000);
  spool.append(entries(3, 13));
  assert.deepEqual([spool.reached(RUN), logged.length], [2, 1]);
  room = Number.POSITIVE_INFINITY;
  spool.append(entries(3, 14));
  assert.equal(spool.reached(RUN), 2, "not yet tried again");
  await clock.sleep(6_000);
  spool.append(entries(3, 15));
  assert.deepEqual([spool.reached(RUN), logged.length], [15, 2]);
  assert.match(logged[1] ?? "", /can be used again/);
  await spool.close([]);
  const last = await open();
  const found = last.takeFound();
  assert.deepEqual(inShort(found), inShort(entries(1, 15)));
  assert.equal(logged.length, 2, "nothing torn was found");
});

test("without a directory readings stay in memory, and closing tries once more", async (t) => {
  const { open, folder, logged } = setUp(t);
  writeFileSync(folder, "a file in the way");
  const spool = await open();
  spool.append(entries(1, 1));
  await spool.close(entries(1, 1));
  assert.deepEqual([spool.takeFound(), spool.bytes, spool.reached(RUN), logged.length], [[], 0, 0, 1]);
});
