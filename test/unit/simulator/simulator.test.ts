import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../common/runtime/clock.ts";
import type { AnswerRecord } from "../../../simulator/device.ts";
import { usualDevices } from "../../../simulator/registry.ts";
import { createSimulator } from "../../../simulator/simulator.ts";

const NOBODY = { notified() {}, disconnected() {} };

test("the usual devices: JBD packs of 4, 8, 16, 20, 32 cells in turn, monitors of v1 and v2 in turn", () => {
  assert.deepEqual(
    usualDevices({ jbd: 6, thornwave: 3 }).map(({ address, kind }) => `${address} ${kind}`),
    [
      "A4:C1:37:00:00:01 jbd4",
      "A4:C1:37:00:00:02 jbd8",
      "A4:C1:37:00:00:03 jbd16",
      "A4:C1:37:00:00:04 jbd20",
      "A4:C1:37:00:00:05 jbd32",
      "A4:C1:37:00:00:06 jbd4",
      "C0:00:00:00:00:01 v1",
      "C0:00:00:00:00:02 v2",
      "C0:00:00:00:00:03 v1",
    ],
  );
  assert.equal(usualDevices({ jbd: 300 }).at(-1)?.address, "A4:C1:37:00:01:2C");
});

/** Answers of devices that are polled once a minute. */
async function answersOf(seed: string): Promise<AnswerRecord[]> {
  const clock = virtualClock();
  const answers: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed,
    devices: usualDevices({ jbd: 6, thornwave: 3 }),
    onAnswer: (record) => answers.push(record),
  });
  for (const device of simulator.devices) {
    const link = device.connect(NOBODY);
    const isPack = device.services[0]?.uuid === "ff00";
    if (isPack) link.subscribe("ff01", true);
    for (let i = 0; i < 3; i++) {
      if (isPack) link.write("ff02", Buffer.from("dda50300fffd77", "hex"));
      else await link.read(device.services[0]?.characteristics[0]?.uuid ?? "");
      await clock.sleep(60_000);
    }
    link.close();
  }
  return answers;
}

test("the same seed gives the same values, another seed others", async () => {
  const first = await answersOf("1");
  assert.equal(first.length, 27);
  assert.deepEqual(await answersOf("1"), first);
  const values = (answers: readonly AnswerRecord[]) => JSON.stringify(answers.map(({ sample }) => sample));
  assert.notEqual(values(await answersOf("2")), values(first));
});

test("two devices of one kind never report the same values", async () => {
  const answers = await answersOf("1");
  const values = (device: string) =>
    JSON.stringify(answers.filter((one) => one.device === device).map(({ sample }) => sample));
  assert.notEqual(values("A4:C1:37:00:00:01"), values("A4:C1:37:00:00:06"));
  assert.notEqual(values("C0:00:00:00:00:01"), values("C0:00:00:00:00:03"));
});

test("faults and alarms go to one device or to all, in any spelling of the address", () => {
  const simulator = createSimulator({
    clock: virtualClock(),
    seed: "1",
    devices: usualDevices({ jbd: 2, thornwave: 1 }),
    onAnswer() {},
  });
  const faults = () => simulator.devices.map((device) => device.layers().map(({ spec }) => spec));
  simulator.set("a4-c1-37-00-00-02", "delay:ms=5");
  simulator.set("all", "occupied");
  assert.deepEqual(faults(), [["occupied"], ["occupied", "delay:ms=5"], ["occupied"]]);
  simulator.clear("A4:C1:37:00:00:02", "delay");
  assert.deepEqual(faults(), [["occupied"], ["occupied"], ["occupied"]]);
  simulator.clear("all");
  assert.deepEqual(faults(), [[], [], []]);
  simulator.drop("all", 8);
});

test("a device that is not simulated cannot be named", () => {
  const simulator = createSimulator({
    clock: virtualClock(),
    seed: "1",
    devices: usualDevices({ jbd: 1, thornwave: 1 }),
    onAnswer() {},
  });
  assert.throws(() => simulator.set("A4:C1:37:00:00:09", "occupied"), {
    name: "RangeError",
    message: "no device A4:C1:37:00:00:09: choose one of A4:C1:37:00:00:01, C0:00:00:00:00:01, or all",
  });
  assert.throws(() => simulator.alarm("C0:00:00:00:00:01", "ovp", true), /a Thornwave monitor has none/);
});
