import assert from "node:assert/strict";
import { test } from "node:test";
import withBindings from "@abandonware/noble/with-bindings.js";
import { createScanner } from "../../../../../agent/radio/noble/scanner.ts";
import { virtualClock } from "../../../../../common/runtime/clock.ts";
import { createFakeBindings, FAKE_ID } from "../../../../support/fake-bindings.ts";

const NEVER = new AbortController().signal;
const TIMEOUTS = { scanWindowMs: 3_000, scanStartMs: 30_000, scanStopMs: 2_000 };

test("windows that overlap share one scan, which ends with the last of them", async () => {
  const clock = virtualClock();
  const bindings = createFakeBindings();
  const noble = withBindings(bindings);
  const states: string[] = [];
  noble.on("scanStart", () => states.push("start")).on("scanStop", () => states.push("stop"));
  await new Promise((resolve) => noble.once("stateChange", resolve));
  const scanWindow = createScanner({ noble, bindings, clock, timeouts: TIMEOUTS, isWanted: () => true });
  const early = scanWindow(() => true, NEVER);
  const late = scanWindow(() => false, NEVER);
  await early;
  assert.equal(clock.monotonic(), 0);
  assert.deepEqual(states, ["start"]);
  await late;
  assert.equal(clock.monotonic(), 3_000);
  assert.deepEqual(states, ["start", "stop"]);
  await scanWindow(() => true, NEVER);
  assert.deepEqual(states, ["start", "stop", "start", "stop"]);
});

test("a scan that does not confirm its end delays others no longer than its deadline", async () => {
  const clock = virtualClock();
  const bindings = createFakeBindings();
  bindings.stopScanning = () => {};
  const noble = withBindings(bindings);
  await new Promise((resolve) => noble.once("stateChange", resolve));
  const scanWindow = createScanner({ noble, bindings, clock, timeouts: TIMEOUTS, isWanted: () => true });
  await scanWindow(() => true, NEVER);
  assert.equal(clock.monotonic(), 2_000);
  await scanWindow(() => true, NEVER);
});

test("devices are forgotten after each scan, except the wanted ones", async () => {
  const bindings = createFakeBindings();
  const noble = withBindings(bindings);
  await new Promise((resolve) => noble.once("stateChange", resolve));
  const scanWindow = createScanner({
    noble,
    bindings,
    clock: virtualClock(),
    timeouts: TIMEOUTS,
    isWanted: (id) => id === FAKE_ID,
  });
  for (let scan = 0; scan < 3; scan++) {
    const scanning = scanWindow(() => false, NEVER);
    for (let i = 0; i < 100; i++) {
      bindings.emit("discover", `5${scan}${i}`, `5${scan}${i}`, "random", true, {}, -80);
    }
    await scanning;
  }
  assert.deepEqual(Object.keys(noble._peripherals), [FAKE_ID]);
});
