import assert from "node:assert/strict";
import { test } from "node:test";
import { isMeter } from "../../../../common/model/meter-name.ts";

const METERS = [
  "bms",
  "solar-2",
  "7",
  "A4:C1:37:00:00:01",
  "house bank",
  "Küche_1.2",
  "電池",
  "e\u0301tage",
  "x".repeat(64),
];
const OTHERS = [
  "",
  " bms",
  "bms ",
  "-bms",
  ".bms",
  "a,b",
  'a"b',
  "a\nb",
  "a=b",
  "a/b",
  "a\u0000b",
  "a\tb",
  "😀",
  "x".repeat(65),
];

test("a name can be a meter", () => {
  for (const name of METERS) assert.ok(isMeter(name), name);
});

test("a name that would break CSV, a tag or a path cannot", () => {
  for (const name of OTHERS) assert.ok(!isMeter(name), JSON.stringify(name));
});
