import assert from "node:assert/strict";
import { test } from "node:test";
import { DRIVERS } from "../../../agent/drivers/registry.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { FAMILIES, usualDevices } from "../../../simulator/registry.ts";
import { createSimulator } from "../../../simulator/simulator.ts";

const DRIVER_NAMES = DRIVERS.map(({ name, family = name }) => family);

test("each family has the name of a driver, and kinds and addresses of its own", () => {
  for (const { name } of FAMILIES) assert.ok(DRIVER_NAMES.includes(name), name);
  const kinds = FAMILIES.flatMap((family) => [...family.kinds]);
  assert.deepEqual(kinds, [...new Set(kinds)]);
  const prefixes = FAMILIES.map(({ addressPrefix }) => addressPrefix);
  assert.deepEqual(prefixes, [...new Set(prefixes)]);
});

test("a device of each kind has its address, advertises it, and reports its flow", () => {
  const clock = virtualClock();
  const devices = usualDevices(Object.fromEntries(FAMILIES.map(({ name, kinds }) => [name, kinds.length])));
  const simulator = createSimulator({ clock, seed: "1", devices, onAnswer() {} });
  assert.deepEqual(
    simulator.devices.map((device) => device.advertisement()?.address),
    devices.map(({ address }) => address),
  );
  for (const { address, battery } of simulator.devices) {
    const { volts, amps } = battery.flowAt(clock.monotonic());
    assert.ok(volts > 0 && Number.isFinite(amps), address);
    assert.throws(() => battery.setProtection("nothing", true), { name: "RangeError" });
  }
});
