// Runs tests with node:test: every test/**/*.test.ts, or the files and folders named as arguments.
// `--seconds N` is the time limit of one file (240), `--at-once N` the number of files run in parallel (one per processor).
// Passes a list of files, because `node --test FOLDER` on Node 20 finds no .ts file and exits 0. Fails when no test ran.
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");
/** Suites that need more than Node and npm; .ci/run calls each by name. */
const SEPARATE = ["test/system", "test/bench", "test/mutation"];

function testFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .flatMap((entry) => {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) return testFiles(inside);
      return entry.name.endsWith(".test.ts") ? [inside] : [];
    });
}

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "240" },
    "at-once": { type: "string", default: String(availableParallelism()) },
  },
});
const files = (named.length > 0 ? named : ["test"])
  .flatMap((path) => testFiles(join(root, path)))
  .map((file) => relative(root, file))
  .filter((file) => named.length > 0 || !SEPARATE.some((folder) => file.startsWith(`${folder}/`)))
  .sort();

if (files.length === 0) {
  process.stderr.write(`no test files in ${named.join(" ") || "test"}\n`);
  process.exit(1);
}

const node = spawn(
  process.execPath,
  [
    "--import",
    "tsx",
    "--test",
    "--test-reporter=spec",
    `--test-timeout=${options.seconds}000`,
    `--test-concurrency=${options["at-once"]}`,
    ...files,
  ],
  { cwd: root, stdio: ["inherit", "pipe", "inherit"] },
);
let ran = 0;
let tail = "";
node.stdout.setEncoding("utf8").on("data", (chunk: string) => {
  process.stdout.write(chunk);
  tail = (tail + chunk).slice(-4096);
  ran = Number(/^ℹ tests (\d+)$/m.exec(tail)?.[1] ?? ran);
});
node.on("close", (code) => {
  if (ran === 0) process.stderr.write("no test ran\n");
  process.exit(ran === 0 ? 1 : (code ?? 1));
});
