import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { codeBlocks } from "../../support/code-blocks.ts";
import { startFeed } from "../../support/feed.ts";
import { rowOf } from "../../support/reading.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

const ENDPOINT = "ipc:///run/bms/live.sock";

test("the example for Node prints the latest reading, then each new one", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  const [code = "", ...others] = codeBlocks("docs/feed.md", "js");
  assert.equal(others.length, 0);
  assert.ok(code.includes(ENDPOINT));
  const folder = await temporaryFolder(t);
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  const file = join(folder, "example.mjs");
  writeFileSync(file, code.replace(ENDPOINT, endpoint));
  feed.publish([rowOf(1, { sample: { volts: 13.3, amps: -2.5 } })]);
  const example = startProcess(process.execPath, [file]);
  t.after(() => example.stop("SIGKILL"));
  await until("the latest reading", () => example.stdout.length > 0 || example.stderr.length > 0);
  feed.publish([rowOf(2, { meter: "solar", sample: { volts: 12.8 } })]);
  await until("the new one", () => example.stdout.length > 1 || example.stderr.length > 0);
  assert.deepEqual(
    [example.stdout, example.stderr],
    [["bms 2023-11-14T22:13:20.001Z 13.3 -2.5", "solar 2023-11-14T22:13:20.002Z 12.8 undefined"], []],
  );
});
