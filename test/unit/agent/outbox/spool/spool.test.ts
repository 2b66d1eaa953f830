import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { crc32 } from "node:zlib";
import type { Entry } from "../../../../../agent/outbox/entry.ts";
import { openSpool, type Spool } from "../../../../../agent/outbox/spool/spool.ts";
import { virtualClock } from "../../../../../common/runtime/clock.ts";
import type { Log } from "../../../../../common/runtime/log.ts";
import { entryOf } from "../../../../support/entry.ts";
import { failingFiles } from "../../../../support/failing-files.ts";

const OLD_RUN = "aaaaaaaaaaaaaaaa";
const RUN = entryOf(1).origin.run;

/** A temporary directory in which spools are opened one after the other. */
function setUp(t: TestContext, settings: { syncAfterMs?: number | undefined; fileBytes?: number } = {}) {
  const root = mkdtempSync(join(tmpdir(), "bms-spool-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, "spool");
  const clock = virtualClock();
  const logged: string[] = [];
  const keep = (message: string) => void logged.push(message);
  const log: Log = { error: keep, warn: keep, info: keep, debug: keep };
  const files = failingFiles();
  const { fileBytes = 4096 } = settings;
  const syncAfterMs = "syncAfterMs" in settings ? settings.syncAfterMs : 0;
  return {
    root,
    folder,
    clock,
    logged,
    disk: files,
    files: () => readdirSync(folder).sort(),
    async open(path = folder): Promise<{ spool: Spool; found: readonly Entry[] }> {
      const spool = await openSpool(path, { name: "--spool", syncAfterMs, fileBytes }, { clock, log, fs: files.fs });
      t.after(() => spool.close());
      return { spool, found: [...spool.load()] };
    },
  };
}

const inShort = (entries: readonly Entry[]) => entries.map(({ origin, seq }) => `${origin.run.slice(0, 1)}${seq}`);
const entries = (first: number, last: number, run = RUN) =>
  Array.from({ length: last - first + 1 }, (_, i) => entryOf(first + i, { run }));
const FOREVER = Number.POSITIVE_INFINITY;

test("appended readings are found by the next run, oldest first, with their own run and number", async (t) => {
  const { open } = setUp(t);
  const first = await open();
  assert.deepEqual(first.found, []);
  first.spool.append(entries(1, 2, OLD_RUN));
  first.spool.append(entries(3, 4, OLD_RUN));
  await first.spool.close();
  const second = await open();
  second.spool.append(entries(1, 2));
  await second.spool.close();
  const { found } = await open();
  assert.deepEqual(inShort(found), ["a1", "a2", "a3", "a4", "01", "02"]);
  assert.deepEqual(Buffer.from(found[5]?.bytes ?? []), Buffer.from(entryOf(2).bytes));
});

test("readings are read back from the files, of this run and of earlier ones", async (t) => {
  const { open } = setUp(t, { fileBytes: 250 });
  const first = await open();
  first.spool.append(entries(1, 20, OLD_RUN));
  await first.spool.close();
  const { spool } = await open();
  spool.append(entries(1, 3));
  for (const seq of [1, 20, 7, 8]) assert.equal(spool.read(OLD_RUN, seq)?.seq, seq);
  for (const seq of [3, 1]) assert.deepEqual(spool.read(RUN, seq)?.bytes, entryOf(seq).bytes);
  assert.deepEqual([spool.read(RUN, 4), spool.read("b".repeat(16), 1)], [undefined, undefined]);
});

test("a file that cannot be read any more is logged, and its readings are gone", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  const first = await open();
  first.spool.append(entries(1, 2));
  await first.spool.close();
  const { spool } = await open();
  rmSync(join(folder, files()[0] ?? ""));
  assert.equal(spool.read(RUN, 1), undefined);
  assert.match(logged.join(), /cannot be used, .*ENOENT/);
});

test("no file is created before the first reading", async (t) => {
  const { open, files } = setUp(t);
  const { spool } = await open();
  await spool.close();
  assert.deepEqual(files(), []);
});

test("an entry is in the file when append returns, so that a kill cannot lose it", async (t) => {
  const { open, folder, files } = setUp(t);
  const { spool } = await open();
  for (const seq of [1, 2, 3]) {
    spool.append([entryOf(seq)]);
    assert.equal(readFileSync(join(folder, files()[0] ?? "")).length, spool.bytes);
    assert.equal(spool.reached(RUN), seq);
  }
});

test("files have a size limit and are removed when all their readings are settled", async (t) => {
  const { open, files } = setUp(t, { fileBytes: 250 });
  const { spool } = await open();
  spool.append(entries(1, 20, OLD_RUN));
  spool.append(entries(1, 1));
  const all = files();
  assert.ok(all.length > 3);
  spool.release(RUN, FOREVER);
  assert.deepEqual(files(), all.slice(0, -1), "of the new run nothing is held");
  spool.release(OLD_RUN, 1);
  assert.deepEqual(files(), all.slice(0, -1));
  spool.release(OLD_RUN, 20);
  assert.equal(files().length, 1);
  spool.release(OLD_RUN, FOREVER);
  assert.deepEqual([files(), spool.bytes], [[], 0]);
  spool.append(entries(2, 2));
  assert.equal(files().length, 1, "a file that went is not written on");
});

test("where nothing is synced, the file that is being written is emptied, written on, and removed at the end", async (t) => {
  const { open, folder, files } = setUp(t, { syncAfterMs: undefined });
  const { spool } = await open();
  spool.append(entries(1, 3));
  const written = files();
  spool.release(RUN, FOREVER);
  assert.deepEqual([files(), spool.bytes, spool.read(RUN, 3)], [written, 0, undefined]);
  spool.append(entries(4, 5));
  assert.deepEqual(files(), written);
  assert.equal(spool.read(RUN, 5)?.seq, 5);
  await spool.close();
  // An agent that is killed leaves it empty.
  writeFileSync(join(folder, "readings-00000009.spool"), "");
  const next = await open();
  assert.deepEqual(files(), written);
  assert.deepEqual(inShort(next.found), ["04", "05"]);
  next.spool.release(RUN, FOREVER);
  next.spool.append(entries(6, 6));
  next.spool.release(RUN, FOREVER);
  await next.spool.close();
  assert.deepEqual(files(), []);
});

test("the oldest file is named while it is not the only one", async (t) => {
  const { open } = setUp(t, { fileBytes: 250 });
  const { spool } = await open();
  spool.append(entries(1, 1, OLD_RUN));
  assert.equal(spool.oldest(), undefined);
  spool.append(entries(2, 20, OLD_RUN));
  const [[run, seq] = ["", 0]] = [...(spool.oldest() ?? [])];
  assert.ok(run === OLD_RUN && seq >= 1 && seq < 20);
});

test("files of earlier runs are removed as well when all is settled", async (t) => {
  const { open, files } = setUp(t);
  const first = await open();
  first.spool.append(entries(1, 5, OLD_RUN));
  await first.spool.close();
  const { spool } = await open();
  spool.release(OLD_RUN, 5);
  assert.equal(files().length, 1);
  spool.release(OLD_RUN, FOREVER);
  assert.deepEqual(files(), []);
});

test("of a torn file the whole records are read; it is logged and not written on", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  const first = await open();
  first.spool.append(entries(1, 3, OLD_RUN));
  await first.spool.close();
  const torn = join(folder, files()[0] ?? "");
  truncateSync(torn, readFileSync(torn).length - 1);
  const before = readFileSync(torn);
  const { spool, found } = await open();
  assert.deepEqual(inShort(found), ["a1", "a2"]);
  assert.match(logged.join(), /the last \d+ bytes are torn and skipped/);
  spool.append(entries(1, 1));
  assert.equal(files().length, 2);
  assert.deepEqual(readFileSync(torn), before);
});

test("of a file that holds nothing but a torn record nothing is kept", async (t) => {
  const { open, folder, files } = setUp(t);
  mkdirSync(folder);
  writeFileSync(join(folder, "readings-00000001.spool"), Buffer.of(0xff, 0x42, 0x4d));
  await open();
  assert.deepEqual(files(), []);
});

test("damage in the middle of a file is kept under another name, and its whole records are read", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  const first = await open();
  first.spool.append(entries(1, 3, OLD_RUN));
  await first.spool.close();
  const path = join(folder, files()[0] ?? "");
  const damaged = readFileSync(path);
  damaged.writeUInt8(damaged.readUInt8(200) ^ 1, 200);
  writeFileSync(path, damaged);
  const { spool, found } = await open();
  assert.deepEqual(inShort(found), ["a1", "a3"]);
  assert.match(logged.join(), /parts of it are damaged; kept as readings-00000001.spool.damaged, with 2 readings/);
  spool.release(OLD_RUN, FOREVER);
  assert.deepEqual(files(), ["readings-00000001.spool.damaged"]);
  assert.deepEqual(readFileSync(join(folder, "readings-00000001.spool.damaged")), damaged);
});

test("a file of another version is moved aside, named in the log and never removed", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  const head = Buffer.from('[4,"what comes later"]');
  const rest = Buffer.concat([Buffer.of(head.length, 0), head]);
  const start = Buffer.from("ff424d530000000000000000", "hex");
  start.writeUInt32LE(rest.length, 4);
  start.writeUInt32LE(crc32(rest), 8);
  const later = Buffer.concat([start, rest]);
  mkdirSync(folder);
  writeFileSync(join(folder, "readings-00000001.spool"), later);
  for (let run = 1; run <= 2; run += 1) {
    const { spool, found } = await open();
    assert.deepEqual(found, []);
    spool.append(entries(1, 1));
    spool.release(RUN, FOREVER);
    await spool.close();
    assert.deepEqual(files(), ["readings-00000001.spool.version-4"]);
    assert.deepEqual(readFileSync(join(folder, "readings-00000001.spool.version-4")), later);
  }
  assert.match(logged[0] ?? "", /version 4 of the format, which this version does not know; kept as .*version-4/);
  assert.match(logged[1] ?? "", /left alone: readings-00000001.spool.version-4/);
});

test("a reading in two files is found once", async (t) => {
  const { open, folder, files } = setUp(t);
  const first = await open();
  first.spool.append(entries(1, 3));
  await first.spool.close();
  const file = join(folder, files()[0] ?? "");
  writeFileSync(join(folder, "readings-00000007.spool"), readFileSync(file));
  appendFileSync(file, readFileSync(file));
  const { spool, found } = await open();
  assert.deepEqual(inShort(found), ["01", "02", "03"]);
  spool.append(entries(4, 4));
  assert.ok(files().includes("readings-00000008.spool"), "the numbers of files rise");
});

test("other files are left alone, and that is logged", async (t) => {
  const { open, folder, files, logged } = setUp(t);
  mkdirSync(join(folder, "readings-00000001.spool"), { recursive: true });
  writeFileSync(join(folder, "readings-00000002.spool"), "dear diary");
  writeFileSync(join(folder, "notes.txt"), "hello");
  const { spool } = await open();
  spool.append(entries(1, 1));
  spool.release(RUN, FOREVER);
  assert.deepEqual(files(), ["notes.txt", "readings-00000001.spool", "readings-00000002.spool"]);
  assert.equal(logged.length, 3, logged.join("\n"));
  assert.match(logged.join(), /left alone: notes.txt/);
});

test("two processes do not share a directory, by whatever path", async (t) => {
  const { open, root, folder } = setUp(t);
  const first = await open();
  symlinkSync(folder, join(root, "link"));
  for (const path of [folder, join(root, "link")]) {
    await assert.rejects(open(path), {
      name: "LockError",
      message: /is used by another bms-agent: give each agent its own/,
    });
  }
  await first.spool.close();
  await open(join(root, "link"));
});

test("a directory that cannot exist is an error of the options", async (t) => {
  const { open } = setUp(t);
  await assert.rejects(open("/proc/bms/spool"), {
    name: "UsageError",
    message: "--spool /proc/bms/spool: no directory can be made there: give another one",
  });
});

test("a full disk is logged once, tried again, and leaves no torn record", async (t) => {
  const { clock, open, logged, disk, folder } = setUp(t);
  disk.room = 700;
  const { spool } = await open();
  spool.append(entries(1, 2));
  spool.append(entries(3, 12));
  assert.deepEqual([spool.reached(RUN), logged.length], [2, 1]);
  assert.match(logged[0] ?? "", /cannot be used, readings are kept in memory only: ENOSPC/);
  await clock.sleep(6_000);
  assert.deepEqual(openFiles(folder), [], "the file that could not be written is closed");
  spool.append(entries(3, 13));
  assert.deepEqual([spool.reached(RUN), logged.length], [2, 1]);
  disk.room = FOREVER;
  spool.append(entries(3, 14));
  assert.equal(spool.reached(RUN), 2, "not yet tried again");
  await clock.sleep(6_000);
  spool.append(entries(3, 15));
  assert.deepEqual([spool.reached(RUN), logged.length], [15, 2]);
  assert.match(logged[1] ?? "", /can be used again/);
  spool.append(entries(16, 16));
  assert.equal(logged.length, 2, "logged once");
  await spool.close();
  const { found } = await open();
  assert.deepEqual(inShort(found), inShort(entries(1, 16)));
  assert.equal(logged.length, 2, "nothing torn was found");
});

/** Files in a directory that this process has open. */
function openFiles(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(`${folder}/`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

test("a disk that takes not even the first record keeps no empty file", async (t) => {
  const { open, files, disk } = setUp(t);
  disk.room = 0;
  const { spool } = await open();
  spool.append(entries(1, 1));
  assert.deepEqual([files(), spool.bytes, spool.oldest()], [[], 0, undefined]);
});

test("without a directory readings stay in memory", async (t) => {
  const { open, folder, logged } = setUp(t);
  writeFileSync(folder, "a file in the way");
  const { spool, found } = await open();
  spool.append(entries(1, 1));
  await spool.close();
  assert.deepEqual([found, spool.bytes, spool.reached(RUN), logged.length], [[], 0, 0, 1]);
});

/** The remains after a power cut. */
async function afterPowerCut(t: TestContext, settings: Parameters<typeof setUp>[1], use: (spool: Spool) => unknown) {
  const { open, disk } = setUp(t, settings);
  const { spool } = await open();
  await use(spool);
  disk.beforeCall = () => {
    throw new Error("the power is cut");
  };
  await spool.close();
  disk.cutPower();
  disk.beforeCall = () => {};
  return inShort((await open()).found);
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

test("after a power cut everything is there that was synced, and that is everything at once where it must be", async (t) => {
  const all = inShort(entries(1, 3));
  const append = (spool: Spool) => spool.append(entries(1, 3));
  assert.deepEqual(await afterPowerCut(t, { syncAfterMs: 60_000 }, append), [], "before the time");
  assert.deepEqual(await afterPowerCut(t, { syncAfterMs: 0 }, append), all, "at once");
  const full = (spool: Spool) => spool.append(entries(1, 20));
  const kept = await afterPowerCut(t, { syncAfterMs: 60_000, fileBytes: 250 }, full);
  assert.ok(kept.length > 10, "a full file is synced when the next begins");
  const soon = async (spool: Spool) => {
    append(spool);
    spool.syncSoon();
    await tick();
  };
  assert.deepEqual(await afterPowerCut(t, { syncAfterMs: 1e9 }, soon), all, "the program is ending");
});

test("closing syncs everything", async (t) => {
  const { open, disk } = setUp(t, { syncAfterMs: 1e9 });
  const { spool } = await open();
  spool.append(entries(1, 3));
  await spool.close();
  disk.cutPower();
  assert.deepEqual(inShort((await open()).found), inShort(entries(1, 3)));
});

test("a spool in the system's memory is never synced", async (t) => {
  const { open, disk } = setUp(t, { syncAfterMs: undefined, fileBytes: 250 });
  const { spool } = await open();
  spool.append(entries(1, 20));
  await spool.close();
  assert.deepEqual(
    disk.calls.filter((call) => call.startsWith("sync")),
    [],
  );
});

test("rewriting changes all files, keeps what is in them, and replaces each at once", async (t) => {
  const { open, disk, files } = setUp(t, { fileBytes: 250 });
  const { spool } = await open();
  spool.append(entries(1, 6, OLD_RUN));
  const before = files();
  const later = (entry: Entry) => ({ ...entry, takenAt: entry.takenAt + 1_000 });
  spool.rewrite(later);
  assert.deepEqual(files(), before);
  assert.equal(spool.read(OLD_RUN, 6)?.takenAt, entryOf(6).takenAt + 1_000);
  spool.append(entries(7, 7, OLD_RUN));
  const written = disk.calls.length;
  spool.rewrite((entry) => entry);
  assert.ok(!disk.calls.slice(written).some((call) => call.startsWith("rename")), "nothing to change");
  disk.beforeCall = (call) => {
    if (call.startsWith("rename")) throw new Error("killed");
  };
  spool.rewrite(later);
  disk.beforeCall = () => {};
  await spool.close();
  disk.cutPower();
  const { found } = await open();
  assert.deepEqual(inShort(found), inShort(entries(1, 7, OLD_RUN)));
  assert.ok(found.slice(0, 6).every(({ takenAt, seq }) => takenAt === entryOf(seq).takenAt + 1_000));
  assert.ok(
    files().every((name) => name.endsWith(".spool")),
    "incomplete copies are removed",
  );
});
