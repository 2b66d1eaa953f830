// The example for Python in docs/feed.md, with the packages of Debian that it names: test/system/feed/run.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startProcess } from "../../../simulator/program.ts";
import { codeBlocks } from "../../support/code-blocks.ts";
import { startFeed } from "../../support/feed.ts";
import { rowOf } from "../../support/reading.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

const ENDPOINT = "ipc:///run/bms/live.sock";

test("the example for Python prints the latest reading, each new one, and those of the next aggregator", async (t) => {
  const { endpoint, feed } = await startFeed(t);
  const [code = "", ...others] = codeBlocks("docs/feed.md", "python");
  assert.equal(others.length, 0);
  assert.ok(code.includes(ENDPOINT));
  const file = join(await temporaryFolder(t), "example.py");
  writeFileSync(file, code.replace(ENDPOINT, endpoint));
  feed.publish([rowOf(1, { sample: { volts: 13.3, amps: -2.5 } })]);
  const example = startProcess("/usr/bin/python3", [file]);
  t.after(() => example.stop("SIGKILL"));
  const prints = (count: number) =>
    until(`${count} lines`, () => example.stdout.length >= count || example.stderr.length > 0);
  await prints(1);
  feed.publish([rowOf(2, { meter: "solar", sample: { volts: 12.8 } })]);
  await prints(2);
  await feed.close();
  const next = await startFeed(t, { endpoint });
  next.feed.publish([rowOf(3, { sample: { volts: 13.2, amps: 1 } })]);
  await prints(3);
  assert.deepEqual(
    [example.stdout, example.stderr],
    [["bms 1700000000001 13.3 -2.5", "solar 1700000000002 12.8 None", "bms 1700000000003 13.2 1"], []],
  );
});
