import assert from "node:assert/strict";
import { test } from "node:test";
import { applyMutant, mutantsOf } from "../../mutation/mutants.ts";

const PATH = "example.ts";

for (const [source, ...mutated] of [
  ["a < b;", ";", "a <= b;"],
  ["const x = a && b;", "const x = a || b;"],
  ["const x = a ?? b;", "const x = b;"],
  ["const x = !a;", "const x = a;"],
  ["if (a) b();", "if (true) b();", "if (false) b();", "if (a) ;"],
  ["const x = a ? b : c;", "const x = true ? b : c;", "const x = false ? b : c;"],
  ["const x = Math.max(a, b);", "const x = Math.min(a, b);"],
  ["const x = [0, 3, false];", "const x = [1, 3, false];", "const x = [0, 3, true];"],
  ["throw a;", ";"],
  ["log.warn(a + b);"],
  ['import { a } from "b"; type T = 1 | 2; interface I { readonly x: 3 }'],
  ["const x = (a as unknown as 4) + b;", "const x = (a as unknown as 4) - b;"],
  ['const x = "é€😀" + 1;', 'const x = "é€😀" - 1;', 'const x = "é€😀" + 0;'],
] as const) {
  test(`mutants of ${source}`, () => {
    const mutants = mutantsOf(source, PATH).map((mutant) => applyMutant(source, mutant, PATH));
    assert.deepEqual(mutants, mutated);
  });
}

test("a mutant names its line", () => {
  const [, mutant] = mutantsOf("a();\n\nb();", PATH);
  assert.deepEqual([mutant?.line, mutant?.about], [3, "b(); → nothing"]);
});

test("a mutant that is no valid source is left out", () => {
  const source = "const x = (a ?? b) || c, y = a ?? (b || c);";
  const invalid = { start: 10, end: 18, replacement: "a ?? b", line: 1, about: "" };
  assert.equal(applyMutant(source, invalid, PATH), undefined);
});

test("a source with a syntax error has no mutants", () => {
  assert.throws(() => mutantsOf("const = ;", PATH), SyntaxError);
});
