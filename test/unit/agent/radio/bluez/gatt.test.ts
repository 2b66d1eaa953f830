import assert from "node:assert/strict";
import { test } from "node:test";
import { characteristic } from "../../../../support/characteristic.ts";
import { v } from "../../../../support/dbus/message.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { never, PACK, rig } from "./bluez-test-setup.ts";

const VALUE = Uint8Array.from([1]);

for (const [member, error, text, fault] of [
  ["ReadValue", "org.bluez.Error.NotPermitted", "Read not permitted", "unsupported"],
  ["ReadValue", "org.bluez.Error.NotPermitted", "Not paired", "pairing-needed"],
  ["WriteValue", "org.bluez.Error.NotSupported", "Operation is not supported", "unsupported"],
  ["WriteValue", "org.bluez.Error.InProgress", "In Progress", "busy"],
  ["StartNotify", "org.bluez.Error.NotPermitted", "Notify acquired", "busy"],
] as const) {
  test(`${member} that is refused with "${text}" fails at once: ${fault}`, async (t) => {
    const { bluez, open } = await rig(t);
    const link = await open().connect(PACK.address, never);
    bluez.answer(member, () => {
      throw new Refusal(error, text);
    });
    const step = {
      ReadValue: () => link.read(characteristic("ff00", "ff01")),
      WriteValue: () => link.write(characteristic("ff00", "ff01"), VALUE, "acknowledged"),
      StartNotify: () => link.subscribe(characteristic("ff00", "ff01")),
    };
    await assert.rejects(step[member](), { fault, message: new RegExp(`^${PACK.address}: .*ff01 failed`) });
    assert.equal(link.lost.aborted, false);
  });
}

test("a write carries its type", async (t) => {
  const { bluez, open } = await rig(t);
  const link = await open().connect(PACK.address, never);
  const written: unknown[] = [];
  bluez.answer("WriteValue", ({ body }) => {
    written.push(body);
    return {};
  });
  await link.write(characteristic("ff00", "ff02"), VALUE, "acknowledged");
  await link.write(characteristic("ff00", "ff02"), VALUE, "command");
  assert.deepEqual(written, [
    [Buffer.from(VALUE), { type: "request" }],
    [Buffer.from(VALUE), { type: "command" }],
  ]);
});

test("a characteristic whose object has moved is found again, and one that is gone is missed", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const link = await open().connect(PACK.address, never);
  const at = characteristic("ff00", "ff02");
  const written: string[] = [];
  bluez.answer("WriteValue", ({ path = "" }) => {
    written.push(path.slice(pack.length));
    return {};
  });
  const service = `${pack}/service0009`;
  const uuid = (digits: string) => ({ UUID: v("s", `0000${digits}-0000-1000-8000-00805f9b34fb`) });
  await link.write(at, VALUE, "command");
  bluez.remove(`${pack}/service0001`);
  bluez.add(service, { "org.bluez.GattService1": uuid("ff00") });
  bluez.add(`${service}/char000a`, { "org.bluez.GattCharacteristic1": uuid("ff02") });
  // An answer after it: the changes have arrived.
  await link.write(at, VALUE, "command").catch(() => {});
  await link.write(at, VALUE, "command");
  bluez.remove(service);
  await link.write(at, VALUE, "command").catch(() => {});
  await assert.rejects(link.write(at, VALUE, "command"), { fault: "unsupported" });
  assert.equal(written[0], "/service0001/char0003");
  assert.ok(written.includes("/service0009/char000a"));
});

test("of two characteristics with the same UUID, that with the property is used", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const service = `${pack}/service0009`;
  const uuid = (digits: string) => v("s", `0000${digits}-0000-1000-8000-00805f9b34fb`);
  const add = (handle: string, ...flags: readonly string[]) =>
    bluez.add(`${service}/char${handle}`, {
      "org.bluez.GattCharacteristic1": { UUID: uuid("ffe1"), Flags: v("as", flags) },
    });
  const used: string[] = [];
  for (const member of ["ReadValue", "WriteValue", "StartNotify"]) {
    bluez.answer(member, ({ path = "" }) => {
      used.push(`${member} ${path.slice(-8)}`);
      return member === "ReadValue" ? { signature: "ay", body: [VALUE] } : {};
    });
  }
  bluez.add(service, { "org.bluez.GattService1": { UUID: uuid("ffe0") } });
  add("000a", "write-without-response");
  add("000c", "notify");
  const link = await open().connect(PACK.address, never);
  const at = characteristic("ffe0", "ffe1");
  await link.subscribe(at);
  await link.write(at, VALUE, "command");
  await link.read(at);
  assert.deepEqual(used, ["StartNotify char000c", "WriteValue char000a", "ReadValue char000a"]);
});

test("notifications arrive in order, equal ones too, and none of another characteristic", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const link = await open().connect(PACK.address, never);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  bluez.notify(pack, "ff02", Uint8Array.from([0]));
  for (const value of [1, 2, 2, 3]) bluez.notify(pack, "ff01", Uint8Array.from([value]));
  for (const value of [1, 2, 2, 3]) assert.deepEqual(await notifications.next(5_000), Uint8Array.from([value]));
});

test("equal characteristics of two services are kept apart", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const twins = { ff00: { ff01: Buffer.from([1]) }, fff0: { ff01: Buffer.from([2]) } };
  bluez.advertise({ ...PACK, address: "A4:C1:37:00:00:02", gatt: twins }, adapter);
  const link = await open().connect("A4:C1:37:00:00:02", never);
  assert.deepEqual(await link.read(characteristic("ff00", "ff01")), Uint8Array.from([1]));
  assert.deepEqual(await link.read(characteristic("fff0", "ff01")), Uint8Array.from([2]));
});

test("links of two processes to two devices do not receive each other's notifications", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  const other = { ...PACK, address: "A4:C1:37:00:00:02" };
  const otherPath = bluez.advertise(other, adapter);
  const link = await open().connect(PACK.address, never);
  const otherLink = await open().connect(other.address, never);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  const otherNotifications = await otherLink.subscribe(characteristic("ff00", "ff01"));
  bluez.notify(otherPath, "ff01", Uint8Array.from([2]));
  bluez.notify(pack, "ff01", Uint8Array.from([1]));
  assert.deepEqual(await notifications.next(5_000), Uint8Array.from([1]));
  assert.deepEqual(await otherNotifications.next(5_000), Uint8Array.from([2]));
});
