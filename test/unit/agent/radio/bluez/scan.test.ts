import assert from "node:assert/strict";
import { test } from "node:test";
import type { BluezTimes } from "../../../../../agent/radio/bluez/central.ts";
import type { Advertisement } from "../../../../../agent/radio/radio.ts";
import { leasesOn } from "../../../../../agent/radio/sharing/lease.ts";
import { leaseName, useName } from "../../../../../agent/radio/sharing/names.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../../common/runtime/log.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { v } from "../../../../support/dbus/message.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { count, never, PACK, type Rig, rig, unanswered } from "./bluez-test-setup.ts";

const ADAPTER = "org.bluez.Adapter1";
const DEVICE = "org.bluez.Device1";

/** The first advertisement of a scan. */
async function firstAdvertisement({ open }: Rig, times: Partial<BluezTimes> = {}): Promise<Advertisement> {
  const enough = new AbortController();
  for await (const advertisement of open({ times }).scan(enough.signal)) {
    enough.abort();
    return advertisement;
  }
  throw new Error("the scan ended without an advertisement");
}

test("a scan yields the properties of a device, the data of all companies included", async (t) => {
  assert.deepEqual(await firstAdvertisement(await rig(t)), {
    address: PACK.address,
    addressType: "public",
    name: "xiaoxiang",
    rssi: -61,
    services: ["ff00"],
    manufacturerData: new Map([
      [0x0102, Uint8Array.from([3, 4])],
      [0xc1a4, Uint8Array.from([5])],
    ]),
  });
});

test("a start that is never answered succeeds when the adapter scans all the same", async (t) => {
  const here = await rig(t);
  here.bluez.answer("StartDiscovery", ({ path = "" }) => {
    here.bluez.set(path, ADAPTER, { Discovering: v("b", true) });
    setImmediate(() => here.bluez.receive(here.pack));
    return unanswered();
  });
  assert.equal((await firstAdvertisement(here, { startMs: 200 })).address, PACK.address);
});

test("a start that is never answered is retried on another connection", async (t) => {
  const here = await rig(t);
  const clients = new Set<string>();
  const usual = here.bluez.answer("StartDiscovery", (_, client) => {
    clients.add(client);
    if (clients.size === 2) usual();
    return unanswered();
  });
  await firstAdvertisement(here, { startMs: 200 });
  assert.equal(clients.size, 2);
  assert.equal(count(here.bluez.calls, "StartDiscovery"), 3);
});

test("a scan that cannot start reports the reason", async (t) => {
  const here = await rig(t);
  here.bluez.answer("StartDiscovery", () => {
    throw new Refusal("org.bluez.Error.InProgress", "Operation already in progress");
  });
  await assert.rejects(firstAdvertisement(here), { fault: "busy" });
});

test("a scan whose stop is refused ends with its connection", async (t) => {
  const here = await rig(t);
  let scanner = "";
  const left = here.bluez.left();
  here.bluez.answer("StopDiscovery", (_, client) => {
    scanner = client;
    throw new Refusal("org.bluez.Error.InProgress", "Operation already in progress");
  });
  await firstAdvertisement(here);
  assert.equal(await left, scanner);
});

test("advertisements wake only processes that scan, and an agent only for its own device", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const link = await open().connect(PACK.address, never);
  await link.subscribe(characteristic("ff00", "ff01"));
  const changes = bluez.bus.rules.filter((rule) => rule.includes("org.freedesktop.DBus.Properties"));
  const asked = changes.map((rule) => /(?:arg0|path)='([^']*)'/.exec(rule)?.[1]);
  assert.deepEqual(asked, [ADAPTER, pack, `${pack}/service0001/char0002`]);
});

test("a process that looks for one device is not woken by the advertisements of others", async (t) => {
  const { bluez, open, pack } = await rig(t);
  const enough = new AbortController();
  for await (const { address } of open({ device: PACK.address }).scan(enough.signal)) {
    assert.equal(address, PACK.address);
    assert.deepEqual(
      bluez.bus.rules.filter((rule) => rule.includes(`arg0='${DEVICE}'`) && !rule.includes(`path='${pack}'`)),
      [],
    );
    enough.abort();
  }
});

test("a device that another process's scan receives is found without a scan", async (t) => {
  const { bluez, open, pack } = await rig(t);
  bluez.add(pack, { [DEVICE]: { Address: v("s", PACK.address), RSSI: v("n", -70), Connected: v("b", false) } });
  const link = await open().connect(PACK.address, never);
  assert.equal(link.rssi, -70);
  assert.equal(count(bluez.calls, "StartDiscovery"), 0);
});

test("scan and connection share one lease, which lasts until after the subscription", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const connecting = open({ times: { afterScanMs: 60_000, afterConnectMs: 60_000, parameterUpdateMs: 1 } }).connect(
    PACK.address,
    never,
  );
  await bluez.called("StartDiscovery");
  let isOthers = false;
  const theirs = leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks })
    .acquire(never)
    .then((lease) => {
      isOthers = true;
      return lease.release();
    });
  const link = await connecting;
  const subscribing = link.subscribe(characteristic("ff00", "ff01"));
  await bluez.called("StartNotify");
  assert.equal(isOthers, false);
  await subscribing;
  await theirs;
});

test("a link that is lost before its first step releases the lease", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  await open({ times: { afterConnectMs: 60_000 } }).connect(PACK.address, never);
  bluez.set(pack, DEVICE, { Connected: v("b", false) });
  // Well before the lease expires.
  await (
    await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(
      AbortSignal.timeout(5_000),
    )
  ).release();
});

test("an absent device holds the lease for one scan window at a time", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  bluez.silence(pack);
  const refused = assert.rejects(open({ scanWindowMs: 200, betweenWindowsMs: 1_000 }).connect(PACK.address, never), {
    fault: "not-found",
  });
  await bluez.called("StartDiscovery");
  await (await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(never)).release();
  assert.equal(count(bluez.calls, "StartDiscovery"), 1);
  await refused;
  assert.equal(count(bluez.calls, "StartDiscovery"), 2);
});

test("a scan that receives nothing for a while ends before its window does when others wait", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  bluez.silence(pack);
  const radio = open({ times: { scanMs: 10 } });
  const refused = assert.rejects(radio.connect(PACK.address, never), { fault: "disconnected" });
  await bluez.called("StartDiscovery");
  await (await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(never)).release();
  assert.equal(bluez.calls.at(-1), `StopDiscovery ${adapter}`);
  await radio.close();
  await refused;
});

test("a device that another process's scan receives while we wait for the lease is connected without a scan", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  bluez.silence(pack);
  const lease = await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(never);
  const connecting = open().connect(PACK.address, never);
  await bluez.called("GetManagedObjects");
  bluez.advertise(PACK, adapter);
  bluez.receive(pack);
  await lease.release();
  await connecting;
  assert.equal(count(bluez.calls, "StartDiscovery"), 0);
});

test("an adapter that another agent uses for raw HCI is not used", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const raw = await abstractLocks.exclusive(useName(adapter));
  const radio = open();
  await assert.rejects(radio.connect(PACK.address, never), { fault: "busy", message: /raw HCI/ });
  await raw?.release();
  await radio.connect(PACK.address, never);
  assert.equal(count(bluez.calls, "StartDiscovery"), 1);
});

test("after an object was refused, the next scan reads the whole list again, and the log names the limit once", async (t) => {
  const { bluez, adapter, open } = await rig(t);
  const lines: string[] = [];
  const radio = open({ log: { ...silentLog, warn: (line) => lines.push(line) } });
  const link = await radio.connect(PACK.address, never);
  for (const number of [8, 9]) {
    const huge = { Address: v("s", `A4:C1:37:00:00:0${number}`), Name: v("s", "x".repeat(17_000)) };
    bluez.add(`/org/bluez/${adapter}/dev_A4_C1_37_00_00_0${number}`, { [DEVICE]: huge });
  }
  await link.read(characteristic("ff00", "ff02"));
  const again = bluez.called("GetManagedObjects");
  for await (const _ of radio.scan(never)) {
    break;
  }
  await again;
  assert.deepEqual(lines, ["bluetoothd lists an object of more than 16384 bytes: it is ignored"]);
});
