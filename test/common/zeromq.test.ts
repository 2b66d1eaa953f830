import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../common/usage-error.ts";
import { loadZeromq } from "../../common/zeromq.ts";

test("ZeroMQ is there on this computer", () => {
  assert.equal(typeof loadZeromq().Router, "function");
});

test("where there is no binary, one sentence says what to do", () => {
  const missing = () => {
    throw new Error("Failed to load zeromq.js addon.node: a long list of candidates");
  };
  assert.throws(
    () => loadZeromq(missing),
    (error) => error instanceof UsageError && /^ZeroMQ has no binary for this computer .*64-bit/.test(error.message),
  );
});
