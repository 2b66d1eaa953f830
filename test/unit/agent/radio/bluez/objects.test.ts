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
