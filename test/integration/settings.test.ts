import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startProgram } from "../../simulator/program.ts";
import { PACK, savedState, settingsBench, WISH } from "./settings-bench.ts";

test("a change is shown, written, stored and compared; its saved state restores the old values", async (t) => {
  const on = await settingsBench(t);
  const before = await on.memory();
  const shown = await on.run("settings", "set", PACK, ...WISH);
  assert.match(shown.stdout, /4 settings would change; .*\n {2}cell over-voltage: 3\.650 V → 3\.600 V \(can damage/);
  assert.deepEqual([shown.code, on.written()], [0, []]);

  const changed = await on.run("settings", "set", PACK, ...WISH, "--write", "--yes");
  assert.equal(changed.code, 0, changed.stdout + changed.stderr);
  assert.deepEqual([...on.written()].sort(), ["18", "19", "24", "25"]);
  const after = await on.memory();
  assert.deepEqual([after.stored["24"], after.stored["18"], after.isInFactoryMode], ["0e10", "0d03", false]);
  const audit = readFileSync(join(on.directory, "audit.jsonl"), "utf8").trim().split("\n");
  assert.equal(audit.length, 4);

  const saved = savedState(on);
  const compared = await on.run("settings", "diff", saved, PACK);
  assert.match(compared.stdout, /4 settings differ/);
  assert.equal(compared.code, 1);
  const other = join(on.directory, "other.toml");
  writeFileSync(other, readFileSync(saved, "utf8").replace(/^cell_ov = .*$/m, "cell_ov = 3.6"));
  const files = await on.run("settings", "diff", saved, other);
  assert.match(files.stdout, /cell over-voltage: .*\n1 setting differs$/);
  const restored = await on.run("settings", "apply", saved, PACK, "--write", "--yes");
  assert.equal(restored.code, 0, restored.stdout + restored.stderr);
  assert.deepEqual((await on.memory()).stored, before.stored);
});

test("a change that is not allowed is refused with its reasons before anything is written", async (t) => {
  const on = await settingsBench(t);
  const refused = await on.run("settings", "set", PACK, "cell_ov=4.20", "capacity=200", "--write", "--yes");
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /refused, nothing is written\n/);
  assert.match(refused.stdout, /needs --expert/);
  const unasked = await on.run("settings", "set", PACK, "cell_ov=3.60", "--write");
  assert.match(unasked.stderr, /there is no terminal to confirm on; a script gives --yes/);
  assert.deepEqual([unasked.code, on.written()], [2, []]);
});

test("watching prints what somebody else has changed, once", async (t) => {
  const on = await settingsBench(t);
  assert.deepEqual(await on.run("settings", "watch", PACK), { code: 0, stdout: "", stderr: "" });
  const elsewhere = startProgram(
    "bmsctl",
    [
      "settings",
      "set",
      PACK,
      "cell_ov=3.60",
      "--write",
      "--yes",
      "--settings-directory",
      join(on.system.folder, "phone"),
    ],
    { env: { BMS_SIMULATOR: on.system.simulatorSocket, BMS_RADIO: "simulated" } },
  );
  assert.equal((await elsewhere.ended).code, 0);
  const seen = await on.run("settings", "watch", PACK);
  assert.match(seen.stdout, /^cell over-voltage of A4:C1:37:00:00:01 changed from 3\.650 V to 3\.600 V since \S+$/);
  assert.equal(seen.code, 1);
  assert.equal((await on.run("settings", "watch", PACK)).code, 0);
});

test("a MOSFET is switched and read back, and the counters are shown", async (t) => {
  const on = await settingsBench(t);
  assert.deepEqual((await on.run("switch", PACK, "charge", "off")).stdout, `charge of ${PACK} is off`);
  const { stdout } = await on.run("counters", PACK, "--json");
  assert.equal(JSON.parse(stdout).name, PACK);
  const later = await on.run("switch", PACK, "charge", "off", "--minutes", "5");
  assert.match(later.stderr, /--minutes needs a service that knows/);
});
