import assert from "node:assert/strict";
import { test } from "node:test";
import { leasesOn } from "../../../../../agent/radio/sharing/lease.ts";
import { leaseName } from "../../../../../agent/radio/sharing/names.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { v } from "../../../../support/dbus/message.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { count, never, PACK, rig, unanswered } from "./bluez-test-setup.ts";

const DEVICE = "org.bluez.Device1";

test("a device is found, connected, read, written, subscribed to, and released", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const link = await open().connect(PACK.address, never);
  assert.deepEqual(link.services, ["ff00"]);
  assert.equal((await link.read(characteristic("ff00", "ff02"))).length, 52);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  await link.write(characteristic("ff00", "ff02"), Uint8Array.from([1, 2, 3]), "command");
  bluez.notify(pack, "ff01", Uint8Array.from([9]));
  assert.deepEqual(await notifications.next(5_000), Uint8Array.from([9]));
  await link.close();
  assert.equal(bluez.calls.at(-1), "Disconnect dev_A4_C1_37_00_00_01");
});

test("a link carries the device's advertisement, also without a scan", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.receive(pack);
  const link = await open().connect(PACK.address, never);
  assert.deepEqual([...(link.advertisement?.manufacturerData.keys() ?? [])], [0x0102, 0xc1a4]);
  assert.equal(count(bluez.calls, "StartDiscovery"), 0);
});

test("a connected device has the signal strength of its last advertisement", async (t) => {
  const { open } = await rig(t);
  const link = await open().connect(PACK.address, never);
  assert.equal(link.rssi, -61);
});

test("a device that bluetoothd knows is connected without a scan", async (t) => {
  const { bluez, open } = await rig(t);
  const radio = open();
  await (await radio.connect(PACK.address, never)).close();
  const scans = count(bluez.calls, "StartDiscovery");
  const link = await radio.connect(PACK.address, never);
  assert.equal(link.rssi, -61);
  assert.equal(count(bluez.calls, "StartDiscovery"), scans);
});

test("a link that a killed run left behind is adopted", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.add(pack, {
    [DEVICE]: { Address: v("s", PACK.address), Connected: v("b", true), ServicesResolved: v("b", false) },
  });
  bluez.resolve(pack);
  const link = await open().connect(PACK.address, never);
  assert.equal((await link.read(characteristic("ff00", "ff02"))).length, 52);
  assert.equal(count(bluez.calls, "Connect"), 0);
  assert.equal(count(bluez.calls, "StartDiscovery"), 0);
});

test("a Connect that is never answered has succeeded when the properties change", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.answer("Connect", () => {
    bluez.set(pack, DEVICE, { Connected: v("b", true) });
    bluez.resolve(pack);
    return unanswered();
  });
  const link = await open().connect(PACK.address, never);
  assert.deepEqual(link.services, ["ff00"]);
});

test("properties are polled where their signals are missing", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.answer("Connect", () => {
    bluez.silently(() => {
      bluez.set(pack, DEVICE, { Connected: v("b", true) });
      bluez.resolve(pack);
    });
    return unanswered();
  });
  const link = await open().connect(PACK.address, never);
  assert.deepEqual(link.services, ["ff00"]);
});

test("services that are exported only after ServicesResolved are found", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.answer("Connect", () => {
    bluez.silently(() => bluez.resolve(pack));
    bluez.set(pack, DEVICE, { Connected: v("b", true), ServicesResolved: v("b", true) });
    return {};
  });
  const link = await open().connect(PACK.address, never);
  assert.deepEqual(link.services, ["ff00"]);
});

test("the attempt of another program is waited for", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.answer("Connect", () => {
    setImmediate(() => {
      bluez.set(pack, DEVICE, { Connected: v("b", true) });
      bluez.resolve(pack);
    });
    throw new Refusal("org.bluez.Error.InProgress", "Operation already in progress");
  });
  assert.deepEqual((await open().connect(PACK.address, never)).services, ["ff00"]);
});

test("a Connect without effect is cancelled, and the device must be seen before the next", async (t) => {
  const { bluez, open } = await rig(t);
  const radio = open({ times: { connectMs: 600 } });
  const usual = bluez.answer("Connect", unanswered);
  await assert.rejects(radio.connect(PACK.address, never), { fault: "timeout" });
  assert.equal(bluez.calls.at(-1), "Disconnect dev_A4_C1_37_00_00_01");
  usual();
  await radio.connect(PACK.address, never);
  assert.equal(count(bluez.calls, "StartDiscovery"), 2);
});

test("a device that refuses and one that is absent are different faults", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const radio = open({ scanWindowMs: 200 });
  bluez.answer("Connect", () => {
    throw new Refusal("org.bluez.Error.Failed", "le-connection-abort-by-local");
  });
  await assert.rejects(radio.connect(PACK.address, never), { fault: "connect-failed", message: /abort-by-local/ });
  bluez.silence(pack);
  await assert.rejects(radio.connect(PACK.address, never), { fault: "not-found" });
});

test("a link that is lost while its services are resolved is an error at once", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.answer("Connect", () => {
    bluez.set(pack, DEVICE, { Connected: v("b", true) });
    setImmediate(() => bluez.set(pack, DEVICE, { Connected: v("b", false) }));
    return {};
  });
  const connecting = open().connect(PACK.address, never);
  await assert.rejects(connecting, { fault: "disconnected" });
});

test("a device that bluetoothd forgets during the attempt is scanned for at once, under the same lease", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const usual = bluez.answer("Connect", () => {
    usual();
    bluez.remove(pack);
    return unanswered();
  });
  await open().connect(PACK.address, never);
  assert.equal(count(bluez.calls, "StartDiscovery"), 2);
});

test("a device that bluetoothd forgets without a signal is scanned for at once", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.add(pack, { [DEVICE]: { Address: v("s", PACK.address), Connected: v("b", false) } });
  const radio = open();
  await bluez.called("GetManagedObjects");
  bluez.silently(() => bluez.remove(pack));
  await radio.connect(PACK.address, never);
  assert.equal(count(bluez.calls, "StartDiscovery"), 1);
});

test("a device that bluetoothd forgets during the wait for the lease is scanned for under that lease", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  const lease = await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(never);
  bluez.add(pack, { [DEVICE]: { Address: v("s", PACK.address), Connected: v("b", false) } });
  const connecting = open().connect(PACK.address, never);
  await bluez.called("GetManagedObjects");
  bluez.remove(pack);
  await lease.release();
  await connecting;
  assert.equal(count(bluez.calls, "StartDiscovery"), 1);
});

test("an attempt that is cancelled leaves nothing behind", async (t) => {
  const { bluez, open } = await rig(t);
  const impatient = new AbortController();
  bluez.answer("Connect", () => {
    impatient.abort(new Error("not wanted any more"));
    return unanswered();
  });
  const radio = open();
  await assert.rejects(radio.connect(PACK.address, impatient.signal), /not wanted/);
  await radio.close();
  assert.equal(bluez.calls.at(-1), "Disconnect dev_A4_C1_37_00_00_01");
});

test("a lost link ends the operations on it", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const link = await open().connect(PACK.address, never);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  bluez.answer("ReadValue", () => {
    bluez.set(pack, DEVICE, { Connected: v("b", false) });
    return unanswered();
  });
  await assert.rejects(link.read(characteristic("ff00", "ff02")), { fault: "disconnected" });
  await assert.rejects(notifications.next(60_000), { fault: "disconnected" });
});

test("closing waits for a slow Disconnect", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const radio = open();
  await radio.connect(PACK.address, never);
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  bluez.answer("Disconnect", async () => {
    await given;
    bluez.set(pack, DEVICE, { Connected: v("b", false) });
    return {};
  });
  let hasEnded = false;
  const closing = radio.close().then(() => {
    hasEnded = true;
  });
  await bluez.called("Disconnect");
  assert.equal(hasEnded, false);
  give();
  await closing;
  assert.equal(hasEnded, true);
});

test("closing the radio releases the device, the scan and the bus", async (t) => {
  const { bluez, open } = await rig(t);
  const radio = open();
  await radio.connect(PACK.address, never);
  await radio.close();
  assert.equal(bluez.calls.at(-1), "Disconnect dev_A4_C1_37_00_00_01");
});
