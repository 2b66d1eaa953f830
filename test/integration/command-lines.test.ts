import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };

function run(program: string, ...args: readonly string[]) {
  const file = join(import.meta.dirname, `../../dist/${program}.js`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8", env: {} });
  return { status, stdout, stderr };
}

for (const program of ["bms-agent", "bms-aggregator", "bmsctl"]) {
  test(`${program}: help and version on stdout with status 0, wrong use in one line on stderr with status 2`, () => {
    assert.deepEqual(run(program, "--version"), { status: 0, stdout: `${manifest.version}\n`, stderr: "" });
    assert.match(run(program, "--help").stdout, new RegExp(`^Usage: ${program} `));
    const { status, stdout, stderr } = run(program, "--colour");
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(
      stderr,
      new RegExp(`^[\\d-]+ [\\d:]+ ERROR ${program}: unknown option '--colour'; see ${program} --help\\n$`),
    );
  });
}

test("bms-agent names the program that has its former commands", () => {
  const { status, stdout, stderr } = run("bms-agent", "add", "solar", "--untested");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, / ERROR bms-agent: bms-agent add is now: bmsctl add\n$/);
});
