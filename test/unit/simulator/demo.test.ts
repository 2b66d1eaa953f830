import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "../../../simulator/program.ts";

test("the demo prints rows of all its batteries, and at the end that none was lost", async () => {
  const demo = startProgram("demo", ["--seconds", "2", "--interval", "0.2", "--latency", "1"]);
  assert.equal((await demo.ended).code, 0);
  const meters = new Set(demo.stdout.map((line) => line.split(",", 1).join()));
  assert.deepEqual([...meters].sort(), ["", "bms", "inverter", "meter", "solar"]);
  assert.match(demo.stderr.at(-1) ?? "", /demo: (\d+) readings taken, \1 delivered, 0 lost$/);
});

const MISTAKES: readonly (readonly [about: string, args: readonly string[], line: RegExp])[] = [
  ["of its own", ["--seconds", "0"], /^demo: .*--seconds.* Give a number of seconds above 0/],
  ["of the batteries", ["--fault", "all=teapot"], /^simulator: .*--fault.*teapot/],
  ["of the aggregator", ["--output", "telegraf"], /bms-aggregator: --output "telegraf": expected unix:/],
];
for (const [about, args, line] of MISTAKES) {
  test(`a bad option ${about} ends the demo with status 2 and one line`, async () => {
    const demo = startProgram("demo", args);
    assert.equal((await demo.ended).code, 2);
    assert.match(demo.stderr.at(-1) ?? "", line);
  });
}
