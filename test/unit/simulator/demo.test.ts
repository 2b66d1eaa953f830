import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "../../../simulator/program.ts";

test("the house prints rows of all its batteries, and in the end that none was lost", async () => {
  const house = startProgram("demo", ["--seconds", "2", "--interval", "0.2", "--latency", "1"]);
  assert.equal((await house.ended).code, 0);
  const meters = new Set(house.stdout.map((line) => line.split(",", 1).join()));
  assert.deepEqual([...meters].sort(), ["", "bms", "inverter", "meter", "solar"]);
  assert.match(house.stderr.at(-1) ?? "", /demo: (\d+) readings taken, \1 delivered, 0 lost$/);
});

const MISTAKES: readonly (readonly [about: string, args: readonly string[], line: RegExp])[] = [
  ["of its own", ["--seconds", "0"], /^demo: .*--seconds.* Give a number of seconds above 0/],
  ["of the batteries", ["--fault", "all=teapot"], /^simulator: .*--fault.*teapot/],
  ["of the aggregator", ["--output", "telegraf"], /bms-aggregator: --output "telegraf": say unix:/],
];
for (const [about, args, line] of MISTAKES) {
  test(`a bad option ${about} ends it with status 2 and one line that says so`, async () => {
    const house = startProgram("demo", args);
    assert.equal((await house.ended).code, 2);
    assert.match(house.stderr.at(-1) ?? "", line);
  });
}
