import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, exact, glance, sentence, unitOf } from "../../../../viewer/page/words.ts";

for (const [ms, words] of [
  [-5, "0 s"],
  [12_900, "12 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [12_000_000, "3 h 20 min"],
  [187_200_000, "2 d 4 h"],
] as const) {
  test(`${ms} ms are ${words}`, () => assert.equal(duration(ms), words));
}

test("a glance has fewer digits than the vocabulary, and a real minus", () => {
  assert.equal(glance("amps", -12.345), "\u221212.35");
  assert.equal(exact("amps", -12.345), "\u221212.345");
  assert.equal(glance("watts", -0.2), "0");
  assert.equal(glance("cellmin", 3312), "3312");
  assert.equal(glance("temp1", -0.04), "0.0");
});

test("units come from the vocabulary", () => {
  assert.equal(unitOf("volts"), "\u00a0V");
  assert.equal(unitOf("cycles"), "");
  assert.equal(sentence("cell over-voltage protection"), "Cell over-voltage protection");
});
