import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { startProcess } from "../../simulator/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const fileOf = (program: string) => join(import.meta.dirname, `../../dist/${program}.js`);

/** Parts of Node that take from 0.3 to 1.2 MB in each process. */
const LARGE = ["crypto", "fs/promises", "child_process", "worker_threads", "perf_hooks", "readline", "assert", "http"];

for (const program of ["bms-agent", "bms-aggregator"]) {
  test(`${program} starts without the large parts of Node that it does not need`, () => {
    const list = 'process.once("exit", () => process.stderr.write(process.moduleLoadList.join("\\n")));';
    const load = `import(${JSON.stringify(fileOf(program))});`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", list + load, program, "--version"], {
      encoding: "utf8",
      env: {},
    });
    assert.equal(status, 0, stderr);
    const loaded = new Set(stderr.split("\n"));
    assert.ok(loaded.has("NativeModule fs"), stderr);
    assert.deepEqual(
      LARGE.filter((name) => loaded.has(`NativeModule ${name}`)),
      [],
    );
  });
}

test("a program gives back what only its start needed, where Node offers its collector", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "readings")}`;
  const args = ["--expose-gc", "--trace-gc", fileOf("bms-aggregator"), "--output", "-", "--endpoint", endpoint];
  const program = startProcess(process.execPath, args);
  t.after(() => program.stop("SIGKILL"));
  // The reason that V8 prints of a collection by a call of gc().
  await until("a collection", () => program.stdout.some((line) => / testing; /.test(line)));
});
