import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

test("the README's table of quantities is the vocabulary's", () => {
  const root = join(import.meta.dirname, "../../../..");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/generate/quantities-doc.ts", "--check"],
    { cwd: root, encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
});
