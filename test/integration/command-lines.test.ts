// cspell:ignore ADRES
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };

function run(program: string, ...args: readonly string[]) {
  return runWith({}, program, ...args);
}

function runWith(env: Readonly<Record<string, string>>, program: string, ...args: readonly string[]) {
  const file = join(import.meta.dirname, `../../dist/${program}.js`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8", env });
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

test("a misspelt variable is named, also where it is the reason why an option is missing", () => {
  const { status, stderr } = runWith({ BMS_ADRES: "A4:C1:37:00:00:01" }, "bms-agent");
  assert.equal(status, 2);
  assert.match(
    stderr,
    / WARN bms-agent: BMS_ADRES is not .*: did you mean BMS_ADDRESS\?\n.* ERROR bms-agent: no address/,
  );
  assert.equal(runWith({ BMS_ADRES: "x" }, "bms-agent", "--help").stderr, "");
});
