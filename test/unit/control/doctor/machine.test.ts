import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { examineDisk, judgeClock } from "../../../../control/doctor/machine.ts";

test("a clock is well when it is synchronised, and nothing is claimed where that is not told", () => {
  assert.deepEqual(
    ["yes", "no", ""].map((answer) => judgeClock(answer).verdict),
    ["ok", "wrong", "unknown"],
  );
});

test("a folder with room is well, and the trial leaves nothing behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-disk-"));
  try {
    const { verdict, text } = examineDisk(folder);
    assert.equal(`${verdict} ${text}`.replace(/\d+ MB/, "N MB"), "ok N MB are free for readings that wait");
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a folder without room, and one that cannot be written, say that readings may be lost", () => {
  // procfs has no room at all.
  const { verdict, text } = examineDisk("/proc");
  assert.equal(verdict, "wrong");
  assert.match(text, /^only 0 MB are free for \/proc/);
  assert.match(examineDisk("/nowhere").text, /^\/nowhere cannot be written .*: readings wait in memory alone$/);
  assert.ok(!existsSync("/nowhere"));
});
