import assert from "node:assert/strict";
import { test } from "node:test";
import { sinceText } from "../../../../control/settings/watch-pack.ts";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

for (const [about, then, expected] of [
  ["the same day", at(27, 4, 5), "04:05"],
  ["the day before, however few hours ago", at(26, 23), "yesterday"],
  ["earlier", at(20, 12), "2026-11-20"],
] as const) {
  test(about, () => assert.equal(sinceText(then, at(27, 6)), expected));
}
