// cspell:ignore archh
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { parsePackageOptions } from "../../../../scripts/package/options.ts";

const root = join(import.meta.dirname, "../../../..");
const preset = { version: "1.2.3", out: "dist" };

test("without options both packages are built", () => {
  assert.deepEqual(parsePackageOptions([], preset), { arch: ["amd64", "arm64"], compression: "xz", ...preset });
  assert.deepEqual(parsePackageOptions(["--arch", "arm64", "--arch", "arm64", "--out", "/tmp"], preset), {
    ...{ arch: ["arm64"], compression: "xz", version: "1.2.3", out: "/tmp" },
  });
});

const pack = (...args: string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", "scripts/package/package.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });

for (const [args, line] of [
  [["--arch", "armhf"], /^package: .*armhf.*There are packages for amd64 and arm64 only\.\n$/],
  [["--archh", "arm64"], /^package: unknown option '--archh' \(Did you mean --arch\?\)\n$/],
  [["--compression", "zip"], /^package: .*zip.*xz, gzip, none\.\n$/],
] as const) {
  test(`a mistake is one line and status 2: ${args.join(" ")}`, () => {
    const { status, stdout, stderr } = pack(...args);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, line);
  });
}

test("--help describes the options", () => {
  const { status, stdout } = pack("--help");
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: npm run package -- [\s\S]*--arch <architecture>/);
});
