import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { OLDEST_TELEGRAF } from "../../../aggregator/check/telegraf-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "bms-telegraf-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs telegraf-binary with a PATH that has its tools, a Telegraf with this `--version` output, and no Go. */
function run(about: string, version: string | undefined) {
  const bin = join(folder, about);
  mkdirSync(bin);
  for (const tool of ["bash", "sort", "head", "sed", "dirname", "readlink", "cksum", "cut"]) {
    const place = (process.env.PATH ?? "").split(":").find((path) => existsSync(join(path, tool)));
    symlinkSync(join(place ?? "", tool), join(bin, tool));
  }
  if (version !== undefined) writeFileSync(join(bin, "telegraf"), `#!/bin/bash\necho '${version}'\n`, { mode: 0o755 });
  const script = join(import.meta.dirname, "telegraf-binary");
  const env = { PATH: bin, XDG_CACHE_HOME: join(folder, "cache") };
  const { status, stdout, stderr } = spawnSync(script, [], { env, encoding: "utf8" });
  return { status, stdout, stderr, telegraf: join(bin, "telegraf") };
}

const { major, minor } = OLDEST_TELEGRAF;

test("a Telegraf on PATH that is new enough is used", () => {
  for (const version of [`Telegraf ${major}.${minor}.0`, "Telegraf 1.100.1 (git: HEAD@1234abcd)", "Telegraf v2.0.0"]) {
    const { status, stdout, telegraf } = run(version.replaceAll(/\W/g, "_"), version);
    assert.deepEqual([status, stdout], [0, `${telegraf}\n`]);
  }
});

for (const [about, version, message] of [
  ["too old", `Telegraf ${major}.${minor - 1}.9 (git: HEAD@1234abcd)`, /or newer, only 1\.32\.9, and no Go to build/],
  ["nameless", "Telegraf unknown", /only one that does not know its version, and no Go/],
  ["absent", undefined, /PATH has none of version 1\.33 or newer, and no Go to build 1\.37\.2\. Install/],
] as const) {
  test(`a Telegraf that is ${about}, and no Go: an error names what is missing`, () => {
    const { status, stdout, stderr } = run(about, version);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, message);
  });
}
