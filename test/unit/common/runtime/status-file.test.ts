import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { createLog } from "../../../../common/runtime/log.ts";
import { openStatusFile, readStatusFile, statusPath } from "../../../../common/runtime/status-file.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const anything = (value: unknown) => value;

async function setUp(t: TestContext) {
  const directory = await temporaryFolder(t);
  const clock = virtualClock();
  const logged: string[] = [];
  const log = createLog("info", { target: { format: "journal", write: (line: string) => logged.push(line) } });
  const status = { polls: 0 };
  let writes = 0;
  const file = openStatusFile(
    directory,
    () => {
      writes += 1;
      return status;
    },
    { clock, log },
  );
  const path = statusPath(directory);
  return {
    directory,
    path,
    clock,
    logged,
    status,
    file,
    writes: () => writes,
    read: () => readStatusFile(path, anything),
  };
}

test("the first update is written at once, readable by every user, and nothing is left beside it", async (t) => {
  const { directory, path, file, status, read } = await setUp(t);
  file.update();
  assert.deepEqual(read(), status);
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(directory), ["status.json"]);
});

test("many updates make one write in 2 s, and the last one is not lost", async (t) => {
  const { clock, file, status, writes, read } = await setUp(t);
  for (let poll = 1; poll <= 60; poll++) {
    status.polls = poll;
    file.update();
    await clock.sleep(50);
  }
  await clock.sleep(2_000);
  assert.equal(writes(), 3);
  assert.deepEqual(read(), { polls: 60 });
  await clock.sleep(60_000);
  assert.equal(writes(), 3, "without an update nothing is written");
});

test("closing writes once more, and never again", async (t) => {
  const { clock, file, status, writes, read } = await setUp(t);
  file.update();
  status.polls = 7;
  file.close();
  assert.deepEqual(read(), { polls: 7 });
  file.update();
  file.close();
  await clock.sleep(10_000);
  assert.equal(writes(), 2);
});

test("a disk that takes nothing is logged once, and the status is written again when it does", async (t) => {
  const { directory, clock, file, logged, read } = await setUp(t);
  rmSync(directory, { recursive: true });
  for (let i = 0; i < 3; i++) {
    file.update();
    await clock.sleep(2_000);
  }
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /^<4>cannot write .*status\.json: ENOENT/);
  mkdirSync(directory);
  file.update();
  await clock.sleep(2_000);
  assert.deepEqual(read(), { polls: 0 });
});

test("without a runtime directory nothing is written", () => {
  const fail = () => assert.fail("no status is needed");
  const file = openStatusFile(undefined, fail, { clock: virtualClock(), log: createLog("info") });
  file.update();
  file.close();
});

test("a file that is absent, torn or of another kind has no status", async (t) => {
  const path = join(await temporaryFolder(t), "status.json");
  assert.equal(readStatusFile(path, anything), undefined);
  writeFileSync(path, '{"version":1,');
  assert.equal(readStatusFile(path, anything), undefined);
  writeFileSync(path, "{}");
  assert.equal(
    readStatusFile(path, () => undefined),
    undefined,
  );
});

test("a path that cannot be read is an error", async (t) => {
  const directory = await temporaryFolder(t);
  assert.throws(() => readStatusFile(directory, anything), { code: "EISDIR" });
});
