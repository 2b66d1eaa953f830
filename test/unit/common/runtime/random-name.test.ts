import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { randomName } from "../../../../common/runtime/random-name.ts";

const NAMES: readonly [about: string, values: readonly number[], expected: string][] = [
  ["the smallest values", [0, 0], "0000000000000000"],
  ["the greatest values", [1 - 2 ** -53, 1 - 2 ** -53], "ffffffffffffffff"],
  ["each value gives half of the digits", [0.5, 1 / 2 ** 32], "8000000000000001"],
];

for (const [about, values, expected] of NAMES) {
  test(`a random name: ${about}`, () => {
    const rest = [...values];
    assert.equal(
      randomName(() => rest.shift() ?? Number.NaN),
      expected,
    );
  });
}

test("processes have different names from the beginning", () => {
  const print = "Math.random() + ' ' + Math.random()";
  const names = [1, 2, 3].map(() => {
    const values = execFileSync(process.execPath, ["-p", print], { encoding: "utf8" }).split(" ").map(Number);
    return randomName(() => values.shift() ?? Number.NaN);
  });
  assert.equal(new Set(names).size, 3, names.join());
});
