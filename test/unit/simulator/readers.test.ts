import assert from "node:assert/strict";
import { test } from "node:test";
import { recognise } from "../../../agent/drivers/recognise.ts";
import { DRIVERS } from "../../../agent/drivers/registry.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import type { AnswerRecord } from "../../../simulator/device.ts";
import { DEVICE_KINDS, type DeviceKind, FAMILIES, familyOf, usualDevices } from "../../../simulator/registry.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { inProcessLink } from "../../support/in-process-link.ts";

/** The only device of a new simulator, with faults around it, and the driver of its family. */
function simulated(kind: DeviceKind, faults: readonly string[]) {
  const family = familyOf(kind);
  const address = `${family.addressPrefix}:00:00:01`;
  const clock = virtualClock();
  const records: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: "reader",
    devices: [{ address, kind }],
    onAnswer: (record) => records.push(record),
  });
  for (const fault of faults) simulator.set("all", fault);
  const device = simulator.at(address);
  const driver = DRIVERS.find(
    ({ name, family: shared = name }) => name === kind || (shared === family.name && shared === name),
  );
  assert.ok(device && driver);
  const options = family.agentOptions?.(address) ?? [];
  const pin = options[options.indexOf("--pin") + 1];
  return { clock, simulator, device, driver, records, settings: options.includes("--pin") && pin ? { pin } : {} };
}

/** A device with faults around it, read by the real driver over a link in virtual time. */
async function reader(kind: DeviceKind, faults: readonly string[], pin?: string) {
  const { driver, device, clock, settings, ...rest } = simulated(kind, faults);
  const link = inProcessLink(device, clock);
  assert.ok(driver.open);
  const session = await driver.open(link, pin === undefined ? settings : { pin });
  return { clock, link, session, ...rest };
}

/** Values in the log of the answers that arrived intact. */
function logged(records: readonly AnswerRecord[]): Sample {
  return Object.assign({}, ...records.filter(({ fault }) => fault === undefined).map(({ sample }) => sample));
}

const isBroadcaster = (kind: DeviceKind) => simulated(kind, []).device.battery.broadcast !== undefined;

for (const kind of DEVICE_KINDS.filter((kind) => isBroadcaster(kind))) {
  test(`${kind}: the driver decodes the advertisements that the log holds, for hours`, async () => {
    const { clock, device, driver, records, settings } = simulated(kind, []);
    for (let i = 0; i < 40; i++) {
      records.length = 0;
      const advertisement = device.advertisement();
      assert.ok(advertisement);
      assert.deepEqual(driver.decodeAdvertisement?.(advertisement, settings), logged(records));
      await clock.sleep(317_000);
    }
  });
}

for (const kind of DEVICE_KINDS.filter((kind) => !isBroadcaster(kind))) {
  test(`${kind}: the driver decodes what the log holds, for hours`, async () => {
    const { clock, session, records, link, simulator } = await reader(kind, []);
    // Of a device that pushes, each record takes time.
    const pauseMs = simulator.devices.some(({ battery }) => battery.openStream) ? 11_700 : 317_000;
    for (let i = 0; i < 40; i++) {
      records.length = 0;
      assert.deepEqual(await session.poll(), logged(records));
      await clock.sleep(pauseMs);
    }
    await link.close();
  });
}

/** Faults that a correct reader tolerates: one poll yields exactly the values that were sent. */
const TOLERATED = [
  "delay:ms=300",
  "gap:ms=60",
  "cut",
  "cut:size=1",
  "double",
  "repeat",
  "stale",
  "stray-zero",
  "broadcasts:ms=30",
  ...["zero", "broadcast", "module"].flatMap((kind) =>
    ["before", "between", "after"].map((where) => `noise:kind=${kind},where=${where}`),
  ),
  ...[
    "lose-request",
    "lose-answer",
    "lose-first",
    "lose-last",
    "lose-piece",
    "flip",
    "wrong-register",
    "garbage",
  ].flatMap((word) => [`${word}:times=1,register=03`, `${word}:times=1,register=04`]),
  "first-lost",
];
for (const kind of ["jbd4", "jbd16", "jbd32"] as const) {
  for (const fault of TOLERATED) {
    test(`${kind} with ${fault}: each poll yields the values that were sent intact`, async () => {
      const { session, records, clock, link } = await reader(kind, [fault]);
      for (let i = 0; i < 5; i++) {
        records.length = 0;
        assert.deepEqual(await session.poll(), logged(records));
        await clock.sleep(2_000);
      }
      await link.close();
    });
  }
}

/** The same of boards with other protocols: in small pieces, pushed in long records, pushed whole by the clock. */
const LOST_ONCE = ["lose-request", "lose-answer", "lose-first", "lose-last", "lose-piece", "flip", "garbage"];
const OTHERS = [
  ...["ant16", "ant14", "jk16", "jk24", "jk04"],
  ...["ecoworthy-v1", "ecoworthy-v2", "dchouse"],
] as const satisfies readonly DeviceKind[];
for (const kind of OTHERS) {
  for (const fault of ["cut", "gap:ms=30", "double", ...LOST_ONCE.map((word) => `${word}:times=1`)]) {
    test(`${kind} with ${fault}: each poll yields the values that were sent intact`, async () => {
      const { session, records, clock, link } = await reader(kind, [fault]);
      for (let i = 0; i < 3; i++) {
        records.length = 0;
        assert.deepEqual(await session.poll(), logged(records));
        await clock.sleep(2_300);
      }
      await link.close();
    });
  }
}

test("several faults at once: stale, cut small, delayed, among broadcasts", async () => {
  const { session, records, link } = await reader("jbd32", ["stale", "cut:size=3", "delay:ms=100", "broadcasts:ms=40"]);
  for (let i = 0; i < 5; i++) {
    records.length = 0;
    assert.deepEqual(await session.poll(), logged(records));
  }
  await link.close();
});

const TOLD: readonly [fault: string, error: Readonly<Record<string, string>>][] = [
  ["silence", { name: "RadioError", fault: "timeout" }],
  ["echo", { name: "RadioError", fault: "pairing-needed" }],
  ["refuse", { name: "FrameError", fault: "refused" }],
  ["disconnect", { name: "RadioError", fault: "disconnected" }],
  ["disconnect:at=request", { name: "RadioError", fault: "disconnected" }],
  ["out-of-range:ms=100", { name: "RadioError", fault: "disconnected" }],
];
for (const [fault, error] of TOLD) {
  test(`a pack with ${fault}: the driver reports the cause`, async () => {
    const { session, simulator } = await reader("jbd16", []);
    simulator.set("all", fault);
    await assert.rejects(session.poll(), error);
  });
}

test("a locked pack is read with its password, and distinguished from a silent one without", async () => {
  const { session, records } = await reader("jbd16", ["locked:pin=246810"], "246810");
  records.length = 0;
  assert.deepEqual(await session.poll(), logged(records));
  await assert.rejects(reader("jbd16", ["locked:pin=246810"], "000000"), { name: "FrameError", fault: "locked" });
});

test("a torn value is read again", async () => {
  const { session, records, clock } = await reader("v1", ["tear:at=16,times=1"]);
  await session.poll();
  await clock.sleep(60_000);
  records.length = 0;
  assert.deepEqual(await session.poll(), logged(records));
  assert.deepEqual(
    records.map(({ fault }) => fault),
    ["tear", undefined],
  );
});

for (const { name, kinds } of FAMILIES) {
  test(`${name}: each device is recognised by what it advertises, by one driver`, () => {
    const devices = usualDevices({ [name]: kinds.length });
    const simulator = createSimulator({ clock: virtualClock(), seed: "1", devices, onAnswer() {} });
    for (const device of simulator.devices) {
      const advertisement = device.advertisement();
      assert.ok(advertisement, device.address);
      const recognised = DRIVERS.filter((driver) => recognise(advertisement, [driver]));
      assert.deepEqual(
        recognised.map(({ name: own, family = own }) => family),
        [name],
      );
    }
  });
}
