import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import { victron } from "../../../../agent/drivers/victron/victron.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { AnswerRecord } from "../../../../simulator/device.ts";
import type { DeviceKind } from "../../../../simulator/registry.ts";
import { createSimulator } from "../../../../simulator/simulator.ts";
import { keyOf } from "../../../../simulator/victron/broadcast.ts";

const ADDRESS = "D1:C7:00:00:00:01";
const KEY = "d1c700000001d1c700000001d1c70000";

function simulated(kind: DeviceKind, ...faults: readonly string[]) {
  const clock = virtualClock();
  const records: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: "victron",
    devices: [{ address: ADDRESS, kind }],
    onAnswer: (record) => records.push(record),
  });
  for (const fault of faults) simulator.set(ADDRESS, fault);
  /** The advertisement at this moment: its number, and its values or the fault for which they are refused. */
  function received(): { readonly number?: number | undefined; readonly sample: Sample | string | undefined } {
    const advertisement = simulator.at(ADDRESS)?.advertisement();
    if (!advertisement) return { sample: "silent" };
    try {
      const sample = victron.decodeAdvertisement(advertisement, { pin: KEY });
      return { number: victron.recordNumber(advertisement), sample };
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return { sample: error.fault };
    }
  }
  return { clock, simulator, records, received };
}

test("the key of a device is made of its address", () => assert.equal(keyOf(ADDRESS), KEY));

test("a new record comes once a second, and the log holds each once", async () => {
  const { clock, received, records } = simulated("smartshunt");
  const numbers: unknown[] = [];
  for (let i = 0; i < 30; i++) {
    numbers.push(received().number);
    await clock.sleep(100);
  }
  assert.deepEqual([...new Set(numbers)], [0, 1, 2]);
  assert.deepEqual(
    records.map(({ at, register, took }) => [at, register, took]),
    [
      [0, "smartshunt", 0],
      [1_000, "smartshunt", 0],
      [2_000, "smartshunt", 0],
    ],
  );
});

test("the number of the record is counted modulo 65,536", async () => {
  const { clock, received } = simulated("mppt");
  await clock.sleep(65_535_000);
  assert.equal(received().number, 65_535);
  await clock.sleep(1_000);
  assert.equal(received().number, 0);
});

test("a SmartShunt has alarms that can be raised", () => {
  const { simulator, received } = simulated("smartshunt");
  simulator.alarm(ADDRESS, "abuv", true);
  simulator.alarm(ADDRESS, "alow", true);
  assert.deepEqual(pick(received().sample), { alarm: 5, abuv: 1, abov: 0, alow: 1 });
  simulator.alarm(ADDRESS, "abuv", false);
  assert.deepEqual(pick(received().sample), { alarm: 4, abuv: 0, abov: 0, alow: 1 });
  assert.throws(() => simulator.alarm(ADDRESS, "ovp", true), /no protection ovp: a SmartShunt has the alarms abuv/);
});

function pick(sample: Sample | string | undefined) {
  const { alarm, abuv, abov, alow } = sample as Sample;
  return { alarm, abuv, abov, alow };
}

for (const [fault, expected] of [
  ["other-key", "locked"],
  ["occupied", "silent"],
  ["short-record:bytes=0", {}],
  ["short-record:bytes=4", ["volts"]],
  ["not-available", ["abov", "abuv", "alarm", "alow"]],
] as const) {
  test(`a SmartShunt with ${fault}`, () => {
    const { sample } = simulated("smartshunt", fault).received();
    if (typeof expected === "string") assert.equal(sample, expected);
    else assert.deepEqual(Object.keys(sample as Sample).sort(), "length" in expected ? expected : []);
  });
}

test("a SmartShunt with replayed: its number stands still", async () => {
  const { clock, received, records } = simulated("smartshunt", "replayed");
  const first = received();
  await clock.sleep(5_000);
  assert.deepEqual(received(), first);
  assert.equal(records.length, 1);
});

test("no values are advertised by a solar charger and a battery that have none", () => {
  assert.deepEqual(simulated("mppt", "not-available").received().sample, {});
  assert.deepEqual(simulated("smartlithium", "not-available").received().sample, { alarm: 0, fet: 0 });
});
