import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openOwnership } from "../../../../aggregator/hosts/ownership.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

async function setUp(t: TestContext) {
  const folder = await temporaryFolder(t);
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  const log = { error: write, warn: write, info: write, debug: write };
  return { folder, file: join(folder, "meters"), logged, open: () => openOwnership(folder, log) };
}

test("a meter belongs to the host that first delivers it, also after a restart", async (t) => {
  const { open } = await setUp(t);
  assert.equal(open().ownerOf("boat/pack", "shed"), "shed");
  const again = open();
  assert.equal(again.ownerOf("boat/pack", "local"), "shed");
  assert.equal(again.ownerOf("pack", "local"), "local");
  assert.deepEqual([again.countOf("shed"), again.countOf("local")], [1, 1]);
});

test("a meter that was moved belongs to its new host within a second", async (t) => {
  const { file, open } = await setUp(t);
  const clock = virtualClock();
  const owners = open();
  owners.ownerOf("pack", "shed");
  const stop = owners.watch(clock);
  writeFileSync(file, "pack local\n", { flag: "a" });
  await clock.sleep(1_001);
  assert.equal(owners.ownerOf("pack", "shed"), "local");
  stop();
});

test("a line that is damaged is logged once by its number, and skipped", async (t) => {
  const { file, logged, open } = await setUp(t);
  writeFileSync(file, "pack shed\npack \u0007\nbank she");
  const owners = open();
  assert.equal(owners.ownerOf("pack", "boat"), "shed");
  assert.equal(owners.ownerOf("bank", "boat"), "boat");
  owners.ownerOf("pack", "boat");
  assert.equal(logged.filter((line) => /meters, line 2: /.test(line)).length, 1);
  assert.match(readFileSync(file, "utf8"), /bank boat\n$/);
});

test("a host has at most 512 meters; this machine loses none", async (t) => {
  const { open } = await setUp(t);
  const owners = open();
  for (let i = 0; i < 512; i += 1) owners.ownerOf(`m${i}`, "shed");
  assert.equal(owners.ownerOf("one-more", "shed"), undefined);
  assert.equal(owners.ownerOf("m0", "shed"), "shed");
  assert.equal(owners.ownerOf("one-more", "local"), "local");
});

test("where the file cannot be written, owners are kept in memory, and the log has the remedy once", async (t) => {
  const { file, logged, open } = await setUp(t);
  mkdirSync(file);
  const owners = open();
  assert.equal(owners.ownerOf("pack", "shed"), "shed");
  assert.equal(owners.ownerOf("bank", "shed"), "shed");
  assert.equal(owners.ownerOf("pack", "boat"), "shed");
  assert.ok(logged.some((line) => /owners of meters are not kept over a restart/.test(line)));
});
