import assert from "node:assert/strict";
import { test } from "node:test";
import { BluezObjects, devicePath } from "../../../../../agent/radio/bluez/objects.ts";

const ADAPTER = "/org/bluez/hci0";
const DEVICE = devicePath(ADAPTER, "A4:C1:37:00:00:01");
const properties = { Address: "A4:C1:37:00:00:01", RSSI: -60, Connected: true };

function withDevice(): BluezObjects {
  const objects = new BluezObjects();
  objects.add(DEVICE, { "org.bluez.Device1": properties });
  return objects;
}

test("properties change, and vanish when invalidated; the last signal strength is kept", () => {
  const objects = withDevice();
  objects.change(DEVICE, "org.bluez.Device1", { Connected: false, RSSI: -70 }, []);
  objects.change(DEVICE, "org.bluez.Device1", {}, ["RSSI"]);
  const device = objects.device(DEVICE);
  assert.equal(device?.connected, false);
  assert.equal(device?.rssi, undefined);
  assert.equal(device?.lastRssi, -70);
});

test("an object is gone with its last interface, and when the next list does not contain it", () => {
  const objects = withDevice();
  objects.remove(DEVICE, ["org.bluez.Device1"]);
  assert.equal(objects.device(DEVICE), undefined);
  const others = withDevice();
  others.replace({ [ADAPTER]: { "org.bluez.Adapter1": { Address: "00:11:22:33:44:55", Powered: true } } });
  assert.equal(others.device(DEVICE), undefined);
  assert.equal(others.adapters()[0]?.powered, true);
});

test("an object that comes back has no signal strength of before", () => {
  const { RSSI: _, ...silent } = properties;
  const removed = withDevice();
  removed.remove(DEVICE, ["org.bluez.Device1"]);
  removed.add(DEVICE, { "org.bluez.Device1": silent });
  const replaced = withDevice();
  replaced.replace({});
  replaced.add(DEVICE, { "org.bluez.Device1": silent });
  assert.deepEqual([removed.device(DEVICE)?.lastRssi, replaced.device(DEVICE)?.lastRssi], [undefined, undefined]);
});

test("adapters are sorted by their numbers", () => {
  const objects = new BluezObjects();
  for (const name of ["hci10", "hci9", "hci0"]) {
    objects.add(`/org/bluez/${name}`, { "org.bluez.Adapter1": { Address: "00:11:22:33:44:55" } });
  }
  assert.deepEqual(
    objects.adapters().map(({ name }) => name),
    ["hci0", "hci9", "hci10"],
  );
});

test("values of another type than documented count as absent, and nothing throws", () => {
  const objects = new BluezObjects();
  for (const strange of [undefined, null, 7, "text", [], { Address: 1 }, { "org.bluez.Device1": "text" }]) {
    objects.add(DEVICE, strange);
    objects.add(strange, { "org.bluez.Device1": properties });
    objects.change(DEVICE, "org.bluez.Device1", strange, strange);
    objects.change(DEVICE, strange, {}, []);
    objects.remove(strange, strange);
    objects.replace(strange);
  }
  objects.add(DEVICE, {
    "org.bluez.Device1": {
      ...properties,
      RSSI: "loud",
      UUIDs: [1, "ff00"],
      Connected: "yes",
      ManufacturerData: { 1: 2 },
    },
  });
  const device = objects.device(DEVICE);
  assert.equal(device?.rssi, undefined);
  assert.equal(device?.connected, false);
  assert.deepEqual(device?.services, ["ff00"]);
  assert.equal(device?.manufacturerData.size, 0);
});

const LIMITS = { strangers: 3, objects: 5, size: 200 };

function limited() {
  const refused: string[] = [];
  return { objects: new BluezObjects((limit) => refused.push(limit), LIMITS), refused };
}

const device = (number: number) => devicePath(ADAPTER, `A4:C1:37:00:00:0${number}`);
const advertised = (number: number, Connected = false) => ({
  "org.bluez.Device1": { Address: `A4:C1:37:00:00:0${number}`, Connected },
});

test("devices beyond the limit are refused, connected ones are not, and a whole list begins anew", () => {
  const { objects, refused } = limited();
  for (const number of [1, 2, 3, 4, 4]) objects.add(device(number), advertised(number));
  assert.deepEqual(refused, ["strangers", "strangers"]);
  objects.add(device(5), advertised(5, true));
  objects.change(device(5), "org.bluez.Device1", { RSSI: -60 }, []);
  assert.deepEqual(
    objects.devices(ADAPTER).map(({ address }) => address.at(-1)),
    ["1", "2", "3", "5"],
  );
  assert.equal(objects.isPartial, true);
  objects.remove(device(1), ["org.bluez.Device1"]);
  objects.add(device(4), advertised(4));
  assert.equal(objects.device(device(4))?.address, "A4:C1:37:00:00:04");
  objects.replace({ [device(4)]: advertised(4) });
  assert.equal(objects.isPartial, false);
});

test("objects of any kind beyond the limit are refused", () => {
  const { objects, refused } = limited();
  for (const number of [1, 2, 3, 4, 5, 6]) {
    objects.add(`${DEVICE}/service${number}`, { "org.bluez.GattService1": { UUID: "ff00" } });
  }
  assert.deepEqual(refused, ["objects"]);
  assert.equal(objects.services(DEVICE).length, 5);
});

test("properties that make an object too large are refused, whether they come at once or one by one", () => {
  const { objects, refused } = limited();
  objects.add(device(1), { "org.bluez.Device1": { Address: "A4:C1:37:00:00:01", Name: "x".repeat(200) } });
  objects.add(device(2), advertised(2));
  objects.add(device(2), { "org.bluez.Battery1": { Name: "x".repeat(200) } });
  objects.change(device(2), "org.bluez.Device1", { ManufacturerData: { 1: new Uint8Array(200) } }, []);
  objects.change(device(2), "org.bluez.Device1", { Connected: true }, []);
  assert.deepEqual(refused, ["size", "size", "size"]);
  assert.equal(objects.device(device(1)), undefined);
  assert.deepEqual(objects.device(device(2))?.manufacturerData, new Map());
  assert.equal(objects.device(device(2))?.connected, true);
});
