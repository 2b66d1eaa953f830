import assert from "node:assert/strict";
import { test } from "node:test";
import { formatColumns } from "../../../../common/cli/columns.ts";

test("columns are as wide as their widest cell, and lines end where their text ends", () => {
  const rows = [["name", "service"], ["solar", "running", "connected"], ["x"]];
  assert.equal(formatColumns(rows), "name   service\nsolar  running  connected\nx\n");
});

test("no rows make no text", () => assert.equal(formatColumns([]), ""));
