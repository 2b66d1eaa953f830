import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, silentLog } from "../../../../../common/runtime/log.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { propertiesChanged, v } from "../../../../support/dbus/message.ts";
import type { Forgery } from "../../../../support/dbus/message-bus.ts";
import { until } from "../../../../support/until.ts";
import { never, PACK, type Rig, rig } from "./bluez-test-setup.ts";

const CHARACTERISTIC = "org.bluez.GattCharacteristic1";
const DEVICE = "org.bluez.Device1";
const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
const OTHER_PACK = { ...PACK, address: "A4:C1:37:00:00:02" };
const FALSE_VALUE = Buffer.from([6, 6, 6]);
const TRUE_VALUE = Buffer.from([1, 2, 3]);

/** Everything that another user's program can send to forge a battery, or to end the use of one. */
const FORGERIES: readonly ((pack: string) => Forgery)[] = [
  (pack) => propertiesChanged(`${pack}/service0001/char0002`, CHARACTERISTIC, { Value: v("ay", FALSE_VALUE) }),
  (pack) => propertiesChanged(pack, DEVICE, { Connected: v("b", false) }),
  (pack) => propertiesChanged(adapterOf(pack), "org.bluez.Adapter1", { Powered: v("b", false) }),
  () => ({
    kind: "signal",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "NameOwnerChanged",
    signature: "sss",
    body: ["org.bluez", ":0.1", ""],
  }),
  (pack) => ({
    kind: "signal",
    path: "/",
    interface: OBJECT_MANAGER,
    member: "InterfacesRemoved",
    signature: "oas",
    body: [pack, [DEVICE]],
  }),
  (pack) => ({
    kind: "signal",
    path: "/",
    interface: OBJECT_MANAGER,
    member: "InterfacesAdded",
    signature: "oa{sa{sv}}",
    body: [`${pack}9`, { [DEVICE]: { Address: v("s", "66:66:66:66:66:66"), RSSI: v("n", -1) } }],
  }),
  (pack) => ({
    kind: "call",
    path: "/bms/agent",
    interface: "org.bluez.Agent1",
    member: "RequestPasskey",
    signature: "o",
    body: [pack],
  }),
];

const adapterOf = (pack: string) => pack.slice(0, pack.lastIndexOf("/"));

function forgeEverything({ bluez, pack }: Rig) {
  for (const client of bluez.bus.clients) {
    for (const forgery of FORGERIES) bluez.bus.forge(client, forgery(pack));
  }
}

function collectingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  return { ...silentLog, warn: (line) => lines.push(line), lines };
}

test("what another program forges changes no value, no link and no list, and the first of a kind is logged", async (t) => {
  const here = await rig(t);
  const { bluez, pack } = here;
  const log = collectingLog();
  const radio = here.open({ pin: "123456", log });
  const link = await radio.connect(PACK.address, never);
  const values = await link.subscribe(characteristic("ff00", "ff01"));

  forgeEverything(here);
  bluez.notify(pack, "ff01", TRUE_VALUE);

  assert.deepEqual(await values.next(20_000), new Uint8Array(TRUE_VALUE));
  assert.equal(link.lost.aborted, false);
  assert.equal((await link.read(characteristic("ff00", "ff02"))).length, 52);
  await until("both lines", () => log.lines.length >= 2);
  assert.deepEqual(log.lines, [
    "ignored a signal (PropertiesChanged) of another program on the message bus (:1.666, uid 65534): only bluetoothd counts",
    "ignored a call (RequestPasskey) of another program on the message bus (:1.666, uid 65534): only bluetoothd counts",
  ]);
});

test("a scan receives no device that another program invents", async (t) => {
  const here = await rig(t);
  const radio = here.open();
  const seen = new Set<string>();
  for await (const { address } of radio.scan(never)) {
    if (seen.size === 0) forgeEverything(here);
    if (seen.size === 0) here.bluez.advertise(OTHER_PACK, here.adapter);
    seen.add(address);
    if (address === OTHER_PACK.address) break;
  }
  assert.deepEqual([...seen], [PACK.address, OTHER_PACK.address]);
});

test("a flood of another program is a few lines in the log", async (t) => {
  const here = await rig(t);
  const log = collectingLog();
  const radio = here.open({ log });
  await radio.connect(PACK.address, never);
  const [client = ""] = here.bluez.bus.clients;
  const forgery = propertiesChanged(here.pack, DEVICE, { Connected: v("b", false) });
  for (let count = 0; count < 2_500; count++) here.bluez.bus.forge(client, forgery);
  await until("the second line", () => log.lines.length >= 2);
  assert.match(log.lines[1] ?? "", /^ignored 1000 messages, the last a signal/);
});
