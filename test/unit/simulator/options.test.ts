import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommand } from "../../../simulator/options.ts";

const run = (...args: readonly string[]) => {
  const command = parseCommand(["--socket", "/tmp/simulator.sock", ...args]);
  assert.equal(command.name, "run");
  return command.name === "run" ? command.options : undefined;
};

test("defaults: captured latencies, seed 1, no log, no faults", () => {
  assert.deepEqual(run("--jbd", "1"), {
    socket: "/tmp/simulator.sock",
    devices: [{ address: "A4:C1:37:00:00:01", kind: "jbd4" }],
    log: undefined,
    requests: undefined,
    seed: "1",
    latencyMs: undefined,
    faults: [],
  });
});

test("latency is a number of milliseconds, or real for the captured ones", () => {
  assert.equal(run("--jbd", "1", "--latency", "real")?.latencyMs, undefined);
  assert.equal(run("--jbd", "1", "--latency", "0")?.latencyMs, 0);
  assert.equal(run("--jbd", "1", "--latency", "12.5")?.latencyMs, 12.5);
});

test("the house has the pack of 16 cells and a monitor of each format", () => {
  assert.deepEqual(
    run("--house")?.devices.map(({ address, kind }) => `${address} ${kind}`),
    ["A4:C1:37:00:00:03 jbd16", "C0:00:00:00:00:01 v1", "C0:00:00:00:00:02 v2"],
  );
});

test("devices and faults may be given repeatedly", () => {
  const options = run(
    ...["--device", "a4c137000009=jbd32", "--device", "C0:00:00:00:00:09=v2"],
    ...["--fault", "all=delay:ms=5,times=2", "--fault", "a4-c1-37-00-00-09=occupied"],
  );
  assert.deepEqual(options?.devices, [
    { address: "A4:C1:37:00:00:09", kind: "jbd32" },
    { address: "C0:00:00:00:00:09", kind: "v2" },
  ]);
  assert.deepEqual(options?.faults, [
    { device: "all", fault: "delay:ms=5,times=2" },
    { device: "A4:C1:37:00:00:09", fault: "occupied" },
  ]);
});

test("commands to a running simulator", () => {
  const socket = ["--socket", "/tmp/simulator.sock"];
  assert.deepEqual(parseCommand(["set", ...socket, "all", "double"]), {
    name: "set",
    socket: "/tmp/simulator.sock",
    device: "all",
    fault: "double",
  });
  assert.deepEqual(parseCommand(["drop", ...socket, "all"]), {
    name: "drop",
    socket: "/tmp/simulator.sock",
    device: "all",
    reason: 0x08,
  });
  assert.deepEqual(parseCommand(["alarm", "all", "ovp", "--off", ...socket]), {
    name: "alarm",
    socket: "/tmp/simulator.sock",
    device: "all",
    protection: "ovp",
    on: false,
  });
});
