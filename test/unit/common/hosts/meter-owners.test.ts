import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { appendOwner, parseOwners } from "../../../../common/hosts/meter-owners.ts";

function ownersFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "owners-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "meters");
}
const read = (file: string) => parseOwners(readFileSync(file, "utf8"));

test("the last line of a meter is in force; names may have blanks and a site", () => {
  const { owners, faults } = parseOwners("solar shed\ncabin/main bank local\nsolar barn\n\n");
  assert.deepEqual(
    [...owners],
    [
      ["solar", "barn"],
      ["cabin/main bank", "local"],
    ],
  );
  assert.deepEqual(faults, []);
});

test("damaged lines are skipped and reported by number", () => {
  const { owners, faults } = parseOwners(`solar\n=cmd shed\nsolar sh/ed\n${"\0".repeat(20)}\nsolar shed\n`);
  assert.deepEqual([...owners], [["solar", "shed"]]);
  assert.deepEqual(
    faults.map((fault) => fault.replace(/:.*/, "")),
    ["line 1", "line 2", "line 3", "line 4"],
  );
});

test("appended owners are read again", (t) => {
  const file = ownersFile(t);
  appendOwner(file, "main bank", "local");
  appendOwner(file, "solar", "shed");
  assert.deepEqual(
    [...read(file).owners],
    [
      ["main bank", "local"],
      ["solar", "shed"],
    ],
  );
  assert.equal(statSync(file).mode & 0o137, 0);
});

test("a line that a power cut shortened is never read as another host", (t) => {
  const file = ownersFile(t);
  writeFileSync(file, "solar she");
  assert.deepEqual([...read(file).owners], []);
  appendOwner(file, "starter", "local");
  assert.deepEqual([...read(file).owners], [["starter", "local"]]);
  assert.equal(read(file).faults.length, 1);
  appendFileSync(file, "solar shed\n");
  assert.equal(read(file).owners.get("solar"), "shed");
});
