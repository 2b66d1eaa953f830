import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { leaveMarkedMode } from "../../../../agent/polling/factory-mode.ts";
import { memoryPack } from "../../../support/memory-pack.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

async function connectMarked(t: TestContext, isMarked: boolean, isSilent: boolean) {
  const marker = join(await temporaryFolder(t), "A4-C1-37-00-00-01");
  if (isMarked) writeFileSync(marker, "");
  const pack = memoryPack({});
  pack.isInFactoryMode = true;
  pack.fault = () => (isSilent ? "lost" : undefined);
  const lines: string[] = [];
  const log = {
    error: assert.fail,
    info: assert.fail,
    debug: assert.fail,
    warn: (line: string) => void lines.push(line),
  };
  await leaveMarkedMode(await pack.connect(), marker, log);
  return { pack, lines, isMarked: existsSync(marker) };
}

test("a marker makes the agent leave factory mode, and is removed", async (t) => {
  const { pack, lines, isMarked } = await connectMarked(t, true, false);
  assert.ok(!pack.isInFactoryMode && !isMarked);
  assert.match(lines.join(), /left factory mode/);
});

test("without a marker nothing is sent to the pack", async (t) => {
  const { pack, lines } = await connectMarked(t, false, false);
  assert.deepEqual([pack.requests.length, lines.length], [0, 0]);
});

test("a pack that does not confirm it keeps its marker, and is polled all the same", async (t) => {
  const { lines, isMarked } = await connectMarked(t, true, true);
  assert.ok(isMarked);
  assert.match(lines.join(), /cannot leave factory mode: connected, but/);
});

test("a device without parameters is left alone", async (t) => {
  const marker = join(await temporaryFolder(t), "marker");
  writeFileSync(marker, "");
  await leaveMarkedMode({}, marker, { error: assert.fail, info: assert.fail, debug: assert.fail, warn: assert.fail });
  assert.ok(existsSync(marker));
});
