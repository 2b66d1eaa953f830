import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../common/runtime/usage-error.ts";
import { loadZeromq } from "../../../../common/wire/zeromq.ts";

test("ZeroMQ is there on this computer", () => {
  assert.equal(typeof loadZeromq().Router, "function");
});

const missing = () => {
  throw new Error("Failed to load zeromq.js addon.node: a long list of candidates");
};

test("where there is no binary, one sentence says what to do", () => {
  assert.throws(
    () => loadZeromq(missing),
    (error) => error instanceof UsageError && /^ZeroMQ has no binary for this computer .*64-bit/.test(error.message),
  );
});

test("on a 32-bit ARM it names the ways out: a 64-bit system, a build on ARMv7, another board in place of ARMv6", () => {
  assert.throws(
    () => loadZeromq(missing, { platform: "linux", arch: "arm" }),
    new UsageError(
      "ZeroMQ has no binary for this computer (linux, arm): install a 64-bit system, or on ARMv7 build it with " +
        "scripts/package/armv7; where the board is a Pi Zero W (ARMv6), a Zero 2 W takes its place with the same card",
    ),
  );
});
