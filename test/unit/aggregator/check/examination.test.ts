import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { examineTelegraf } from "../../../../aggregator/check/examination.ts";

const folder = mkdtempSync(join(tmpdir(), "bms-telegraf-"));
const path = process.env.PATH;
const configuration = join(folder, "telegraf.conf");
before(() => {
  process.env.PATH = folder;
  writeFileSync(
    configuration,
    '[[outputs.discard]]\n[[inputs.socket_listener]]\n  service_address = "unix:///a.sock"\n',
  );
});
after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** Beginnings of what is found, in order. */
async function examine(files: readonly string[]) {
  const findings = await examineTelegraf({ socket: "/b.sock", settleMs: 30_000, configuration: files });
  return findings.map(({ severity, text }) => `${severity} ${text.replace(folder, "").split(":")[0]}`);
}

test("without a telegraf on PATH its version is not known, and that is said", async () => {
  assert.deepEqual(await examine([configuration]), [
    "fault no socket_listener for unix",
    "note there is no telegraf on PATH that tells its version, so that was not checked.",
  ]);
});

test("a telegraf on PATH is asked for its version; what was named but cannot be read is a fault", async () => {
  writeFileSync(join(folder, "telegraf"), "#!/bin/sh\necho 'Telegraf 1.20.0'\n", { mode: 0o755 });
  assert.deepEqual(await examine([configuration, join(folder, "absent.conf")]), [
    "fault Telegraf 1.20 is too old",
    "note no socket_listener for unix",
    "fault /absent.conf was not checked",
  ]);
});
