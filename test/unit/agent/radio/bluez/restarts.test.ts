import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type Link, type Radio, RadioError } from "../../../../../agent/radio/radio.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { v } from "../../../../support/dbus/message.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { ADAPTER_ADDRESS, count, never, PACK, rig } from "./bluez-test-setup.ts";

const ADAPTER = "org.bluez.Adapter1";
const ROOT = "/org/bluez";

/** The reason for which a link is lost. */
async function loss({ lost }: Link): Promise<RadioError> {
  if (!lost.aborted) await once(lost, "abort");
  assert.ok(lost.reason instanceof RadioError);
  return lost.reason;
}

/** Connects as soon as that can be done; agents try again in the same way, with a backoff between. */
async function connectAtLast(radio: Radio): Promise<Link> {
  for (;;) {
    try {
      return await radio.connect(PACK.address, never);
    } catch (error) {
      assert.ok(error instanceof RadioError, String(error));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

test("bluetoothd is killed and started again", async (t) => {
  const { bluez, open } = await rig(t);
  const radio = open();
  const link = await radio.connect(PACK.address, never);
  bluez.die();
  assert.equal((await loss(link)).fault, "daemon-gone");
  await assert.rejects(radio.connect(PACK.address, never), {
    fault: "daemon-gone",
    message: /systemctl start bluetooth/,
  });
  bluez.start();
  const again = await connectAtLast(radio);
  assert.equal((await again.read(characteristic("ff00", "ff02"))).length, 52);
  assert.equal(count(bluez.calls, "StartDiscovery"), 2);
});

test("bluetoothd starts later than the agent", async (t) => {
  const { bluez, open } = await rig(t);
  bluez.die();
  const radio = open();
  await assert.rejects(radio.connect(PACK.address, never), { fault: "daemon-gone" });
  bluez.start();
  await connectAtLast(radio);
});

test("bluetoothd is present and does not answer at first", async (t) => {
  const { bluez, open } = await rig(t);
  const usual = bluez.answer("GetManagedObjects", () => {
    usual();
    throw new Refusal("org.freedesktop.DBus.Error.NoReply");
  });
  await connectAtLast(open());
  assert.equal(bluez.calls.at(-1), "Connect dev_A4_C1_37_00_00_01");
});

test("the message bus is killed and started again", async (t) => {
  const { bluez, open } = await rig(t);
  const radio = open();
  const link = await radio.connect(PACK.address, never);
  await bluez.bus.kill();
  assert.equal((await loss(link)).fault, "daemon-gone");
  await assert.rejects(radio.connect(PACK.address, never), { fault: "daemon-gone", message: /message bus/ });
  await bluez.bus.revive();
  await connectAtLast(radio);
});

test("the adapter is switched off and on", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const radio = open();
  const link = await radio.connect(PACK.address, never);
  bluez.set(`${ROOT}/${adapter}`, ADAPTER, { Powered: v("b", false) });
  assert.equal((await loss(link)).fault, "adapter-off");
  await assert.rejects(radio.connect(PACK.address, never), { fault: "adapter-off", message: /bluetoothctl power on/ });
  bluez.set(`${ROOT}/${adapter}`, ADAPTER, { Powered: v("b", true) });
  await connectAtLast(radio);
});

for (const [asked, options] of [
  ["none was asked for", {}],
  ["its address was asked for", { adapter: ADAPTER_ADDRESS }],
] as const) {
  test(`the adapter is pulled out and comes back under another name, where ${asked}`, async (t) => {
    const { bluez, open, adapter } = await rig(t);
    const radio = open(options);
    const link = await radio.connect(PACK.address, never);
    bluez.remove(`${ROOT}/${adapter}`);
    assert.equal((await loss(link)).fault, "adapter-missing");
    await assert.rejects(radio.connect(PACK.address, never), { fault: "adapter-missing" });
    bluez.addAdapter(`${adapter}1`, ADAPTER_ADDRESS);
    bluez.advertise(PACK, `${adapter}1`);
    await connectAtLast(radio);
  });
}

test("an adapter that was asked for by name is not replaced by another", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const radio = open({ adapter });
  const link = await radio.connect(PACK.address, never);
  bluez.remove(`${ROOT}/${adapter}`);
  bluez.addAdapter(`${adapter}1`, ADAPTER_ADDRESS);
  assert.equal((await loss(link)).fault, "adapter-missing");
  const refused = { fault: "adapter-missing", message: new RegExp(`no Bluetooth adapter ${adapter}: .*${adapter}1`) };
  await assert.rejects(radio.connect(PACK.address, never), refused);
});

test("closing ends at once where nothing answers", async (t) => {
  const { bluez, open } = await rig(t);
  await bluez.bus.kill();
  await open().close();
  await bluez.bus.revive();
});
