import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Program } from "../../simulator/program.ts";
import { until } from "../support/until.ts";
import { type Bench, FOLDER, PACK, savedState, settingsBench, WISH } from "./settings-bench.ts";

/** Registers of the wish. */
const SLOW = ["18", "19"];
const DEADLINE_MS = 60_000;

/** Starts a change and waits until its first register is written. */
async function beginChange(on: Bench): Promise<Program> {
  const program = on.bmsctl("settings", "set", PACK, ...WISH, "--write", "--yes");
  await until("a register is written", () => (on.written().length > 0 ? true : undefined), DEADLINE_MS, 5);
  return program;
}

test("Ctrl-C in the middle of a change puts the old values back and leaves factory mode", async (t) => {
  const on = await settingsBench(t, SLOW);
  const before = await on.memory();
  const program = await beginChange(on);
  await program.stop("SIGINT");
  assert.match(program.stdout.join("\n"), /NOT changed: stopped by SIGINT/);
  assert.deepEqual(await on.memory(), before);
  assert.ok(!existsSync(join(on.directory, "factory-mode", FOLDER)));
});

test("the end of the SSH session in the middle of a change does the same, though nobody reads what is printed", async (t) => {
  const on = await settingsBench(t, SLOW);
  const before = await on.memory();
  const program = await beginChange(on);
  program.process.stdout?.destroy();
  program.process.stderr?.destroy();
  await program.stop("SIGHUP");
  assert.deepEqual(await on.memory(), before);
  assert.ok(!existsSync(join(on.directory, "factory-mode", FOLDER)));
});

test("after a kill in the middle of a change the agent leaves factory mode, and the saved state restores the pack", async (t) => {
  const on = await settingsBench(t, SLOW);
  const before = await on.memory();
  await (await beginChange(on)).stop("SIGKILL");
  assert.ok((await on.memory()).isInFactoryMode);
  const marker = join(on.directory, "factory-mode", FOLDER);
  assert.ok(existsSync(marker));

  const agent = await on.system.runAgent("-b", PACK, "--once", "-m", "house");
  assert.match(agent.stderr.join("\n"), /left factory mode, into which an interrupted bmsctl had put the pack/);
  assert.match(agent.stdout.join("\n"), /"volts"/);
  assert.ok(!(await on.memory()).isInFactoryMode && !existsSync(marker));

  const saved = savedState(on);
  const listed = await on.run("settings", PACK);
  assert.ok(listed.stderr.includes(`settings apply ${saved} ${PACK} --write restores it`), listed.stderr);
  const restored = await on.run("settings", "apply", saved, PACK, "--write", "--yes");
  assert.equal(restored.code, 0, restored.stdout + restored.stderr);
  assert.deepEqual((await on.memory()).stored, before.stored);
  assert.doesNotMatch((await on.run("settings", PACK)).stderr, /interrupted/);
});
