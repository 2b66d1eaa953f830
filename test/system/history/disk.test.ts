// The history on a file system of its own, which becomes read-only while a process writes to it, as after an error of an SD
// card; and two processes in different network namespaces that use one directory. Needs root.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import { openHistory } from "../../../viewer/history/open-history.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { courseReadings, MINUTE_MS } from "./course.ts";

const BEGIN = Date.UTC(2026, 10, 20);
const WRITER = join(import.meta.dirname, "writer.ts");

const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: "utf8" }).trim();

/** A file system in a file, unmounted after the test. `fail` makes its next error, after which the kernel writes nothing more. */
function mountDisk(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "bms-disk-"));
  const [image, directory] = [join(folder, "disk.img"), join(folder, "disk")];
  mkdirSync(directory);
  writeFileSync(image, "");
  truncateSync(image, 64e6);
  run("mkfs.ext4", "-q", image);
  const mount = () => run("mount", "-o", "loop,errors=remount-ro", image, directory);
  mount();
  t.after(() => {
    run("umount", "--lazy", directory);
    rmSync(folder, { recursive: true });
  });
  return {
    directory,
    fail() {
      const device = basename(run("findmnt", "-n", "-o", "SOURCE", directory));
      writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, "1");
    },
    /** Does the same as an operator after the disk was checked. */
    remount() {
      run("umount", directory);
      spawnSync("fsck.ext4", ["-p", image]);
      mount();
    },
  };
}

test("a disk that becomes read-only: the history goes on in memory, says so, and keeps what was written", async (t) => {
  const disk = mountDisk(t);
  const lines: string[] = [];
  const log: Log = { error: (line) => lines.push(line), warn: (line) => lines.push(line), info() {}, debug() {} };
  const clock = virtualClock(BEGIN + 60 * MINUTE_MS);
  const directory = join(disk.directory, "history");
  const open = () => openHistory({ directory, megabytes: 50 }, { clock, log });
  const countOf = (opened: Awaited<ReturnType<typeof open>>) => [...opened.readings("house", BEGIN, Infinity)].length;

  const history = await open();
  const addMinute = (minute: number) => {
    history.add(courseReadings(BEGIN + minute * MINUTE_MS));
    history.flush();
  };
  for (let minute = 0; minute < 10; minute += 1) addMinute(minute);
  assert.deepEqual(lines, []);
  // What the kernel has not written yet is lost with the disk, as by a loss of power.
  run("sync", "--file-system", directory);
  disk.fail();
  assert.throws(() => writeFileSync(join(disk.directory, "x"), ""), { code: "EROFS" });
  for (let minute = 10; minute < 20; minute += 1) addMinute(minute);
  assert.equal(countOf(history), 20 * 6);
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0] ?? "", /kept in memory/);
  t.diagnostic(lines[0] ?? "");
  history.close();

  disk.remount();
  lines.length = 0;
  const again = await open();
  assert.equal(countOf(again), 10 * 6);
  assert.deepEqual(lines, []);
  assert.equal(again.view().kind, "disk");
  again.close();
});

test("a history has one user also across network namespaces", async (t) => {
  const directory = await temporaryFolder(t);
  const log: Log = { error() {}, warn() {}, info() {}, debug() {} };
  const history = await openHistory({ directory, megabytes: 50 }, { clock: virtualClock(BEGIN), log });
  const other = spawnSync("unshare", ["--net", process.execPath, "--import", "tsx", WRITER, directory, `${BEGIN}`]);
  history.close();
  assert.notEqual(other.status, 0);
  assert.match(String(other.stderr), /is used by another bms-viewer/);
});
