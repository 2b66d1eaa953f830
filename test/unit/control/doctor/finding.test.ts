// cspell:ignore mfull
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFinding, note, ok, unknown, wrong } from "../../../../control/doctor/finding.ts";

test("a finding is one line, with a verdict that can be searched for", () => {
  assert.deepEqual(
    [
      ok("clock", "is synchronised"),
      note("Telegraf", "few rows", "set more"),
      wrong("disk", "full"),
      unknown("x", "y"),
    ].map((finding) => formatFinding(finding)),
    [
      "OK     clock: is synchronised\n",
      "NOTE   Telegraf: few rows: set more\n",
      "WRONG  disk: full\n",
      "?      x: y\n",
    ],
  );
});

test("with colours only a fault is red, and foreign text cannot add any", () => {
  assert.equal(formatFinding(ok("clock", "is synchronised"), true), "OK     clock: is synchronised\n");
  assert.equal(formatFinding(wrong("disk", "\x1b[32mfull"), true), "\x1b[1;31mWRONG \x1b[m disk: \\u001b[32mfull\n");
});
