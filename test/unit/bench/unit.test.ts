import assert from "node:assert/strict";
import { test } from "node:test";
import { jitVariants, parseUnit, readUnit } from "../../bench/measure/unit.ts";

test("flags, environment and program are those of the unit", () => {
  const text = [
    "[Service]",
    "Environment=BMS_ENDPOINT=ipc:///run/bms/readings.sock",
    "Environment=MALLOC_ARENA_MAX=1",
    "ExecStart=/usr/lib/bms/node --jitless --max-semi-space-size=1 /usr/lib/bms/bms-agent.js",
  ].join("\n");
  assert.deepEqual(parseUnit(text), {
    flags: ["--jitless", "--max-semi-space-size=1"],
    env: { MALLOC_ARENA_MAX: "1" },
    program: "bms-agent.js",
  });
  assert.throws(() => parseUnit("ExecStart=/usr/bin/true\n"), /no ExecStart/);
});

test("the units in systemd/ are read", () => {
  assert.equal(readUnit("bms-agent@.service").program, "bms-agent.js");
  assert.equal(readUnit("bms-aggregator.service").program, "bms-aggregator.js");
});

test("one of the two variants is the unit's own", () => {
  const jitless = jitVariants(["--jitless", "--max-semi-space-size=1"]);
  assert.equal(jitless.shipped, jitless.without);
  assert.deepEqual(jitless.with.flags, ["--max-semi-space-size=1"]);
  const jit = jitVariants(["--max-semi-space-size=1"]);
  assert.equal(jit.shipped, jit.with);
  assert.deepEqual(jit.without.flags, ["--jitless", "--max-semi-space-size=1"]);
});
