import assert from "node:assert/strict";
import { test } from "node:test";
import { type Advertisement, type Radio, RadioError } from "../../../../../agent/radio/radio.ts";
import { leasesOn } from "../../../../../agent/radio/sharing/lease.ts";
import { leaseName } from "../../../../../agent/radio/sharing/names.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { v } from "../../../../support/dbus/message.ts";
import { until } from "../../../../support/until.ts";
import { count, never, PACK, rig } from "./bluez-test-setup.ts";

const ADAPTER = "org.bluez.Adapter1";
const OTHER = { ...PACK, address: "A4:C1:37:00:00:02" };

/** Listens until the test ends; keeps what was received. */
function listening(radio: Radio, address = PACK.address, signal = never) {
  const received: Advertisement[] = [];
  async function listen() {
    for await (const advertisement of radio.listen(address, signal)) received.push(advertisement);
  }
  const ended = listen();
  ended.catch(() => {});
  return { received, ended, first: () => until("an advertisement", () => received.length > 0, 20_000) };
}

test("the advertisements of one device are received, as long as they come", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  const other = bluez.advertise(OTHER, adapter);
  const { received, first } = listening(open());
  await first();
  bluez.receive(other);
  const before = received.length;
  bluez.receive(pack);
  await until("another", () => received.length > before, 20_000);
  assert.deepEqual(new Set(received.map(({ address }) => address)), new Set([PACK.address]));
});

test("the scan of one process serves all that listen", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  bluez.advertise(OTHER, adapter);
  const one = listening(open());
  await one.first();
  const subscriptions = (path: string) => bluez.bus.rules.filter((rule) => rule.includes(`path='${path}'`)).length;
  const other = `/org/bluez/${adapter}/dev_A4_C1_37_00_00_02`;
  const before = subscriptions(pack);
  const two = listening(open(), OTHER.address);
  const three = listening(open());
  await until("subscriptions", () => subscriptions(other) > 0 && subscriptions(pack) > before, 20_000);
  bluez.receive(other);
  await two.first();
  bluez.receive(pack);
  await three.first();
  assert.equal(count(bluez.calls, "StartDiscovery"), 1);
});

test("when the process that scans ends, the next one scans", async (t) => {
  const { bluez, open } = await rig(t);
  const first = open();
  await listening(first).first();
  const second = listening(open());
  const again = bluez.called("StartDiscovery");
  await first.close();
  await again;
  await second.first();
});

test("a process that scans for the others takes turns with them", async (t) => {
  const { bluez, open } = await rig(t);
  const { first } = listening(open({ times: { strictListenMs: 20 } }));
  await first();
  await bluez.called("StopDiscovery");
  await bluez.called("StartDiscovery");
});

test("it gives way at once to a process that waits for the adapter, and goes on afterwards", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const { first } = listening(open());
  await first();
  const lease = await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(
    AbortSignal.timeout(5_000),
  );
  assert.equal(bluez.calls.at(-1), `StopDiscovery ${adapter}`);
  const again = bluez.called("StartDiscovery");
  await lease.release();
  await again;
});

test("beside processes that listen another one connects", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  bluez.advertise(OTHER, adapter);
  const { first } = listening(open());
  await first();
  const link = await open().connect(OTHER.address, never);
  assert.equal(link.address, OTHER.address);
});

test("the scan of another process is enough", async (t) => {
  const { bluez, open, pack, adapter } = await rig(t);
  bluez.silence(pack);
  const lease = await leasesOn(leaseName(adapter), {}, { clock: systemClock, locks: abstractLocks }).acquire(never);
  const { first } = listening(open());
  await until("its subscription", () => bluez.bus.rules.some((rule) => rule.includes(`path='${pack}'`)), 20_000);
  bluez.advertise(PACK, adapter);
  bluez.receive(pack);
  await first();
  assert.equal(count(bluez.calls, "StartDiscovery"), 0);
  await lease.release();
});

test("an adapter that is switched off ends it with the reason, and so does the caller", async (t) => {
  const { bluez, open, adapter } = await rig(t);
  const stop = new AbortController();
  const left = listening(open(), PACK.address, stop.signal);
  await left.first();
  stop.abort();
  await left.ended;
  const { first, ended } = listening(open());
  await first();
  bluez.set(`/org/bluez/${adapter}`, ADAPTER, { Powered: v("b", false) });
  await assert.rejects(ended, (error) => error instanceof RadioError && error.fault === "adapter-off");
});
