import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdapterSituation, adapterFault, chooseAdapter } from "../../../../../agent/radio/bluez/adapter.ts";
import type { AdapterObject } from "../../../../../agent/radio/bluez/objects.ts";
import type { KernelBluetooth } from "../../../../../agent/radio/kernel.ts";

const adapter = (name: string, address: string, powered = true): AdapterObject => ({
  path: `/org/bluez/${name}`,
  name,
  address,
  powered,
  discovering: false,
});
const FIRST = adapter("hci0", "00:11:22:33:44:00");
const SECOND = adapter("hci1", "00:11:22:33:44:01");
const OFF = adapter("hci0", "00:11:22:33:44:00", false);

for (const [about, adapters, wanted, current, expected] of [
  ["the only one", [FIRST], undefined, undefined, FIRST],
  ["the first", [FIRST, SECOND], undefined, undefined, FIRST],
  ["the one in use", [FIRST, SECOND], undefined, SECOND.path, SECOND],
  ["one that is on before one that is off", [OFF, SECOND], undefined, undefined, SECOND],
  ["one that is on in place of the one in use, which is off", [OFF, SECOND], undefined, OFF.path, SECOND],
  ["one that is off where none is on", [OFF], undefined, undefined, OFF],
  ["by name", [FIRST, SECOND], "hci1", FIRST.path, SECOND],
  ["by address", [FIRST, SECOND], "00:11:22:33:44:01", FIRST.path, SECOND],
  ["none for a name that is not there", [FIRST], "hci1", undefined, undefined],
  ["none of none", [], undefined, undefined, undefined],
] as const) {
  test(`the adapter chosen: ${about}`, () => assert.equal(chooseAdapter(adapters, wanted, current), expected));
}

const sound: KernelBluetooth = { adapters: ["hci0"], isBlocked: () => false, hasOopsed: false };
const on: AdapterSituation = {
  missing: undefined,
  busAddress: "unix:path=/run/bus",
  adapters: [FIRST],
  chosen: FIRST,
  wanted: undefined,
  kernel: sound,
};
const absent = { ...on, adapters: [], chosen: undefined };

for (const [situation, fault, message] of [
  [{ ...on, missing: "bus" }, "daemon-gone", /message bus.*\/run\/bus.*apt install dbus/],
  [{ ...on, missing: "bluetoothd" }, "daemon-gone", /apt install bluez.*systemctl start bluetooth/],
  [{ ...on, chosen: OFF }, "adapter-off", /hci0 is off.*bluetoothctl power on/],
  [{ ...on, chosen: OFF, kernel: { ...sound, isBlocked: () => true } }, "adapter-off", /rfkill unblock bluetooth/],
  [{ ...on, chosen: undefined, wanted: "hci7" }, "adapter-missing", /no Bluetooth adapter hci7.*hci0 \(00:11/],
  [{ ...absent, kernel: { ...sound, adapters: undefined } }, "adapter-missing", /modprobe bluetooth/],
  [{ ...absent, kernel: { ...sound, adapters: [] } }, "adapter-missing", /plug one in/],
  [absent, "adapter-missing", /hci0.*systemctl restart bluetooth/],
  [{ ...absent, kernel: { ...sound, hasOopsed: true } }, "kernel-dead", /reboot/],
] as const) {
  test(`an adapter fault names its remedy: ${fault}, ${message.source}`, () => {
    const found = adapterFault(situation);
    assert.equal(found?.fault, fault);
    assert.match(found?.message ?? "", message);
  });
}

test("an adapter that is on has no fault", () => assert.equal(adapterFault(on), undefined));
