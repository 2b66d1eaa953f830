import assert from "node:assert/strict";
import { test } from "node:test";
import { anEndpoint, oneOf, onOrOff } from "../../../../common/cli/option-types.ts";

test("one of some words is exactly one of them", () => {
  const { parse, rule } = oneOf(["auto", "jbd"]);
  assert.deepEqual(["auto", "jbd", "Auto", "", "jb"].map(parse), ["auto", "jbd", undefined, undefined, undefined]);
  assert.equal(rule, "one of auto, jbd");
});

test("a switch is said by number or word", () => {
  assert.deepEqual(["1", "TRUE", "yes"].map(onOrOff.parse), [true, true, true]);
  assert.deepEqual(["0", "false", "No"].map(onOrOff.parse), [false, false, false]);
  assert.deepEqual(["", "2", "maybe"].map(onOrOff.parse), [undefined, undefined, undefined]);
});

test("an endpoint is taken as it was said, or not at all", () => {
  assert.equal(anEndpoint.parse("ipc:///tmp/x.sock"), "ipc:///tmp/x.sock");
  assert.equal(anEndpoint.parse("tcp://127.0.0.1:1"), undefined);
});
