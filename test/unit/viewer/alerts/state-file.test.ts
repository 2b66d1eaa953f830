import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { silentLog } from "../../../../common/runtime/log.ts";
import { NO_ALERTS } from "../../../../viewer/alerts/engine.ts";
import { alertStatePath, openStateFile } from "../../../../viewer/alerts/state-file.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const STATE = { at: 1_700_000_000_000, engine: NO_ALERTS, queues: [] };

test("the state is read as it was written, from a directory that is made for it", async (t) => {
  const directory = join(await temporaryFolder(t), "viewer");
  openStateFile(directory, silentLog).write(STATE);
  assert.deepEqual(openStateFile(directory, silentLog).initial, { version: 1, ...STATE });
});

test("a directory that cannot be made is one warning, and alerts go on without it", () => {
  const lines: string[] = [];
  const file = openStateFile("/proc/nope/viewer", { ...silentLog, warn: (line) => lines.push(line) });
  for (let i = 0; i < 2; i += 1) file.write(STATE);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? "",
    /^cannot write \/proc\/nope\/viewer\/alerts\.json, a restart of this program would forget/,
  );
});

test("a damaged file is moved aside and named, and alerts begin anew", async (t) => {
  const directory = await temporaryFolder(t);
  writeFileSync(alertStatePath(directory), '{"version":1,"at":');
  const lines: string[] = [];
  const { initial } = openStateFile(directory, { ...silentLog, warn: (line) => lines.push(line) });
  assert.deepEqual(initial.engine, NO_ALERTS);
  assert.deepEqual(readdirSync(directory), ["alerts.json.damaged"]);
  assert.match(lines.join(), /alerts\.json\.damaged/);
});
