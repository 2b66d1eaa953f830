import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAddress } from "../../../../common/model/address.ts";
import { checkParameters } from "../../../../control/doctor/parameters.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const PACK = { name: "house", address: parseAddress("A4:C1:37:00:00:01") };
const NOW = Date.UTC(2026, 10, 27);
const DAY_MS = 86_400_000;

async function findingsWith(t: TestContext, files: Readonly<Record<string, string>>, changedMsAgo = DAY_MS) {
  const directory = await temporaryFolder(t);
  for (const folder of ["house", "factory-mode"]) mkdirSync(join(directory, folder));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  const changes = join(directory, "house/changes.txt");
  if ("house/changes.txt" in files) utimesSync(changes, NOW / 1000, (NOW - changedMsAgo) / 1000);
  return checkParameters(PACK, directory, NOW).map(({ verdict, message }) => `${verdict}: ${message}`);
}

const SENTENCE = "cell over-voltage of house changed from 3.650 V to 3.750 V since yesterday";

for (const [about, files, expected] of [
  ["a pack of which nothing is known has no finding", {}, []],
  ["a watched pack", { "house/known.toml": "" }, ["ok: are as last known"]],
  ["a change", { "house/known.toml": "", "house/changes.txt": `${SENTENCE}\n` }, [`note: ${SENTENCE}`]],
  ["an interrupted change", { "house/unfinished.json": "{}" }, ["wrong: a change was interrupted"]],
  ["a marker", { "factory-mode/A4-C1-37-00-00-01": "" }, ["wrong: the pack may be in factory mode"]],
] as const) {
  test(about, async (t) => assert.deepEqual(await findingsWith(t, files), expected));
}

test("a change is shown for a week", async (t) => {
  const files = { "house/known.toml": "", "house/changes.txt": `${SENTENCE}\n` };
  assert.deepEqual(await findingsWith(t, files, 8 * DAY_MS), ["ok: are as last known"]);
});
