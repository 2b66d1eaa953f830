import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import manifest from "../../../package.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "../../..");
const source = readFileSync(join(ROOT, "scripts/require-node.js"), "utf8");

/** Runs the check as a version of Node would; returns the exit status, if it exits, and its lines on stderr. */
function checkAs(node: string) {
  const lines: string[] = [];
  let status: number | undefined;
  const exit = (code: number) => {
    status = code;
  };
  runInNewContext(source, {
    process: { versions: { node }, exit, stderr: { write: (line: string) => lines.push(line) } },
  });
  return { status, lines };
}

for (const node of ["12.22.9", "16.20.2", "18.20.8", "20.18.3"]) {
  test(`Node ${node} is refused in one line that says where to get a newer one`, () => {
    const { status, lines } = checkAs(node);
    assert.equal(status, 1);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      new RegExp(`^bms needs Node 20\\.19 .* this is Node ${node}: install .*https://.*\n$`),
    );
  });
}

for (const node of ["20.19.0", "20.20.2", "22.0.0", "24.21.0"]) {
  test(`Node ${node} is accepted`, () => assert.deepEqual(checkAs(node), { status: undefined, lines: [] }));
}

test("the check, package.json and npm require the same version", () => {
  assert.equal(manifest.engines.node, ">=20.19");
  assert.match(readFileSync(join(ROOT, ".npmrc"), "utf8"), /^engine-strict=true$/m);
});

for (const [name, command] of Object.entries(manifest.scripts).filter(([, command]) =>
  command.includes("scripts/build.ts"),
)) {
  test(`npm run ${name} checks Node first`, () => assert.match(command, /^node scripts\/require-node\.js && /));
}

for (const program of ["bms-agent", "bms-aggregator", "bmsctl", "simulator", "demo"]) {
  test(`dist/${program}.js checks Node first`, () => {
    const text = readFileSync(join(ROOT, `dist/${program}.js`), "utf8");
    // Only the line that keeps SIGUSR1 from opening the debugger may stand before it.
    const lines = text.split("\n").filter((line) => !line.startsWith('process.on("SIGUSR1"'));
    assert.ok(lines.join("\n").startsWith(`#!/usr/bin/env node\n${source}`));
  });
}
