import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../common/runtime/usage-error.ts";
import { loadZeromq, ZeromqError } from "../../../../common/wire/zeromq.ts";

test("ZeroMQ loads on this computer", () => {
  assert.equal(typeof loadZeromq().Router, "function");
});

function failing(message: string, properties: object = {}, ...warnings: readonly string[]) {
  return () => {
    // biome-ignore lint/suspicious/noConsole: the loader of ZeroMQ does so
    for (const text of warnings) console.warn(text);
    throw Object.assign(new Error(message), properties);
  };
}
const missing = failing("Cannot find module 'zeromq'\nRequire stack:", { code: "MODULE_NOT_FOUND" });

const PERMANENT: [about: string, load: () => never][] = [
  ["a missing module", missing],
  ["another architecture", failing("Failed to load: Error: No compatible zeromq.js addon found for linux arm glibc")],
  [
    "a binary for another computer",
    failing("No compatible addon found", {}, "Failed to load a.node: invalid ELF header"),
  ],
];
for (const [about, load] of PERMANENT) {
  test(`${about} is wrong use: trying again cannot help`, () => assert.throws(() => loadZeromq(load), UsageError));
}

const PASSING: [about: string, load: () => never, reason: RegExp][] = [
  [
    "too many open files at a module",
    failing("EMFILE: too many open files, open 'draft.js'", { code: "EMFILE" }),
    /^ZeroMQ cannot be loaded: EMFILE: too many open files, open 'draft\.js'; start the program again$/,
  ],
  [
    "too many open files at the binary",
    failing("No compatible addon found", {}, "a.node: cannot open shared object file: Too many open files\n  at x"),
    /^ZeroMQ cannot be loaded: a\.node: .*Too many open files; start the program again$/,
  ],
  [
    "of two binaries one that may work later",
    failing("No compatible addon found", {}, "a.node: invalid ELF header", "b.node: cannot allocate memory"),
    /^ZeroMQ cannot be loaded/,
  ],
];
for (const [about, load, reason] of PASSING) {
  test(`${about} may pass, and is one line`, () =>
    assert.throws(
      () => loadZeromq(load),
      (error) => error instanceof ZeromqError && reason.test(error.message),
    ));
}

test("a missing binary is one sentence with a remedy", () => {
  assert.throws(
    () => loadZeromq(missing),
    (error) => error instanceof UsageError && /^ZeroMQ has no binary for this computer .*64-bit/.test(error.message),
  );
});

test("on a 32-bit ARM the remedies are a 64-bit system, a build on ARMv7, or another board", () => {
  assert.throws(
    () => loadZeromq(missing, { platform: "linux", arch: "arm" }),
    new UsageError(
      "ZeroMQ has no binary for this computer (linux, arm): install a 64-bit system, or on ARMv7 build it with " +
        "scripts/package/armv7; replace a Pi Zero W (ARMv6) by a Zero 2 W, which runs from the same card",
    ),
  );
});
