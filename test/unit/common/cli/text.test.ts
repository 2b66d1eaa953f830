import assert from "node:assert/strict";
import { test } from "node:test";
import { formatColumns, statusTable } from "../../../../common/cli/text.ts";

test("columns are as wide as their widest cell, and lines end where their text ends", () => {
  const rows = [["name", "service"], ["solar", "running", "connected"], ["x"]];
  assert.equal(formatColumns(rows), "name   service\nsolar  running  connected\nx\n");
});

test("no rows make no text", () => assert.equal(formatColumns([]), ""));

test("a status table aligns its values", () => {
  const rows = [
    ["device", "C0:00:00:00:00:01"],
    ["state", "connected"],
  ] as const;
  assert.equal(
    statusTable("bms-agent solar", rows),
    "bms-agent solar\n  device  C0:00:00:00:00:01\n  state   connected\n",
  );
});
