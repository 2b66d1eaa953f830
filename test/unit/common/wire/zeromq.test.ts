import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../common/runtime/usage-error.ts";
import { loadZeromq } from "../../../../common/wire/zeromq.ts";

test("ZeroMQ loads on this computer", () => {
  assert.equal(typeof loadZeromq().Router, "function");
});

const missing = () => {
  throw new Error("Failed to load zeromq.js addon.node: a long list of candidates");
};

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
