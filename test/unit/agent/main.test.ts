import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../../..");

/** The files that a program is bundled from, relative to the project. */
async function filesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
    metafile: true,
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...Object.keys(metafile.inputs).map((path) => relative(root, join(root, path))), ...outside];
}

test("an agent carries neither the operator's tool nor the aggregator nor a TOML parser", async () => {
  const files = await filesOf("agent/main.ts");
  assert.ok(files.includes("agent/polling/poll-loop.ts"));
  assert.deepEqual(
    files.filter((file) => /^(control|aggregator|simulator|test)\/|^smol-toml$/.test(file)),
    [],
  );
});

test("an aggregator carries no radio", async () => {
  const files = await filesOf("aggregator/main.ts");
  assert.ok(files.includes("aggregator/serve.ts"));
  assert.deepEqual(
    files.filter((file) => /^(control|agent|simulator|test)\//.test(file)),
    [],
  );
});
