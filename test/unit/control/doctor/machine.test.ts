import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkClock, checkDisk } from "../../../../control/doctor/machine.ts";

test("a clock is synchronised, not synchronised, or unknown", () => {
  assert.deepEqual(
    ["yes", "no", ""].map((answer) => checkClock(answer).verdict),
    ["ok", "wrong", "unknown"],
  );
});

test("a directory with room passes, and the trial leaves nothing behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-disk-"));
  try {
    const { verdict, message } = checkDisk(folder);
    assert.equal(`${verdict} ${message}`.replace(/\d+ MB/, "N MB"), "ok N MB are free for the backlog");
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a directory without room, and one that is not writable, fail", () => {
  // procfs has no room at all.
  const { verdict, message } = checkDisk("/proc");
  assert.equal(verdict, "wrong");
  assert.match(message, /^only 0 MB are free for \/proc/);
  const absent = checkDisk("/nowhere");
  assert.deepEqual([absent.verdict, absent.message], ["unknown", "/nowhere does not exist"]);
  assert.ok(!existsSync("/nowhere"));
});
