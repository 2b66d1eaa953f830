import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";

test("20,000 mutated frames mean the same to the drivers and to the slow decoder, or nothing to both", async () => {
  for (const [name, { told, refused, mismatches }] of await fuzz(20_000, 7)) {
    assert.deepEqual(mismatches, [], name);
    assert.ok(told > 300 && refused > 300, `${name}: ${told} told and ${refused} refused are too few to mean anything`);
  }
});
