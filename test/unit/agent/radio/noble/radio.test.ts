import assert from "node:assert/strict";
import { test } from "node:test";
import { nobleRadio } from "../../../../../agent/radio/noble/radio.ts";
import { type Advertisement, type Link, type Radio, RadioError } from "../../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../../common/runtime/log.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import {
  createFakeBindings,
  FAKE_ADDRESS,
  type FakeBindings,
  type FakeStep,
} from "../../../../support/fake-bindings.ts";

const NEVER = new AbortController().signal;

interface Bench {
  readonly clock: Clock;
  readonly bindings: FakeBindings;
  readonly radio: Radio;
  connect(signal?: AbortSignal): Promise<Link>;
}

function bench(): Bench {
  const clock = virtualClock();
  const bindings = createFakeBindings();
  const radio = nobleRadio(bindings, { clock, log: silentLog });
  return { clock, bindings, radio, connect: (signal = NEVER) => radio.connect(FAKE_ADDRESS, signal) };
}

/** The fault and the message of what a promise rejects with. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    (value) => new Error(`resolved with ${String(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RadioError, `no RadioError: ${String(error)}`);
  return `${error.fault}: ${error.message}`;
}

test("a device is found in a scan, connected, and its services are discovered", async () => {
  const { bindings, connect } = bench();
  const link = await connect();
  assert.deepEqual(
    { ...link, close: 0, read: 0, write: 0, subscribe: 0, lost: link.lost.aborted },
    {
      address: FAKE_ADDRESS,
      addressType: "public",
      services: ["ff00"],
      advertisement: {
        address: FAKE_ADDRESS,
        addressType: "public",
        name: "fake",
        rssi: -60,
        services: ["ff00"],
        manufacturerData: new Map([[0xc1a4, Uint8Array.of(1, 2)]]),
      },
      rssi: -60,
      lost: false,
      ...{ close: 0, read: 0, write: 0, subscribe: 0 },
    },
  );
  assert.deepEqual(bindings.asked, ["scan", "connect", "discover", "characteristics"]);
});

test("reading, writing and subscribing succeed, and a notification is not taken for a value that was read", async () => {
  const { bindings, connect, clock } = bench();
  const link = await connect();
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  bindings.notified(9, 9);
  assert.deepEqual(await link.read(characteristic("ff00", "ff01")), Uint8Array.of(1, 2, 3));
  await link.write(characteristic("ff00", "ff02"), Uint8Array.of(7), "command");
  assert.deepEqual(await notifications.next(1_000), Uint8Array.of(9, 9));
  const asked = clock.monotonic();
  assert.equal(await notifications.next(1_000), undefined);
  assert.equal(clock.monotonic() - asked, 1_000);
});

test("a notification that comes with the confirmation of the subscription is kept", async () => {
  const { bindings, connect } = bench();
  const link = await connect();
  bindings.hanging.add("notify");
  const subscribing = link.subscribe(characteristic("ff00", "ff01"));
  process.nextTick(() => {
    bindings.notified(1);
    bindings.emit("notify", "a4c137000001", "ff00", "ff01", true);
    bindings.notified(2);
  });
  const notifications = await subscribing;
  assert.deepEqual([await notifications.next(0), await notifications.next(0)], [Uint8Array.of(1), Uint8Array.of(2)]);
});

/** Steps of a connection, and of a link. */
const BEFORE: readonly FakeStep[] = ["scan", "connect", "discover", "characteristics"];
const USES: readonly [step: FakeStep, use: (link: Link) => Promise<unknown>][] = [
  ["read", (link) => link.read(characteristic("ff00", "ff01"))],
  ["write", (link) => link.write(characteristic("ff00", "ff02"), Uint8Array.of(1), "acknowledged")],
  ["notify", (link) => link.subscribe(characteristic("ff00", "ff01"))],
];

const HUNG: Readonly<Record<string, RegExp>> = {
  scan: /^timeout: the adapter did not begin to scan/,
  connect: /^connect-failed: A4:C1:37:00:00:01 was seen but did not connect \(no connection in 30 s\)/,
  discover: /^timeout: A4:C1:37:00:00:01: finding its services took more than 10 s/,
  characteristics: /^timeout: A4:C1:37:00:00:01: finding the characteristics of ff00 took more than 10 s/,
};

for (const step of BEFORE) {
  test(`${step} that is never answered ends at its deadline, and the next attempt succeeds`, async () => {
    const { bindings, connect } = bench();
    bindings.hanging.add(step);
    assert.match(await faultOf(connect()), HUNG[step] ?? /^$/);
    bindings.hanging.clear();
    const link = await connect();
    assert.deepEqual(await link.read(characteristic("ff00", "ff01")), Uint8Array.of(1, 2, 3));
  });

  test(`${step} that fails reports the bindings' reason, and the next attempt succeeds`, async () => {
    const { bindings, connect } = bench();
    bindings.failing.set(step, new RadioError("busy", "another program has it"));
    assert.equal(await faultOf(connect()), "busy: another program has it");
    bindings.failing.clear();
    await connect();
  });

  test(`${step} ends when the caller aborts, with the caller's reason, and leaves no device connected`, async () => {
    const { bindings, connect, clock } = bench();
    bindings.hanging.add(step);
    const stop = new AbortController();
    const reason = new Error("stopped by the test");
    void clock.sleep(1_000).then(() => stop.abort(reason));
    await assert.rejects(connect(stop.signal), reason);
    bindings.hanging.clear();
    await connect();
  });

  test(`${step} ends when the adapter is lost, with the bindings' fault`, async () => {
    const { bindings, connect, clock } = bench();
    bindings.hanging.add(step);
    void clock.sleep(1_000).then(() => {
      bindings.trouble = new RadioError("daemon-gone", "start bluetoothd");
      bindings.power("poweredOff");
    });
    assert.equal(await faultOf(connect()), "daemon-gone: start bluetoothd");
    assert.equal(await faultOf(connect()), "daemon-gone: start bluetoothd");
    bindings.hanging.clear();
    bindings.trouble = undefined;
    bindings.power("poweredOn");
    await connect();
  });
}

for (const step of ["discover", "characteristics"] as const) {
  test(`a link that is lost during ${step} ends the connection at once`, async () => {
    const { bindings, connect, clock } = bench();
    bindings.hanging.add(step);
    void clock.sleep(1_000).then(() => bindings.drop(0x3e));
    assert.match(await faultOf(connect()), /^disconnected: .* the connection failed as soon as it was made/);
    assert.equal(clock.monotonic(), 1_000);
  });
}

for (const [step, use] of USES) {
  test(`${step} that is never answered ends at its deadline; the link stays usable`, async () => {
    const { bindings, connect } = bench();
    const link = await connect();
    bindings.hanging.add(step);
    assert.match(await faultOf(use(link)), /^timeout: A4:C1:37:00:00:01: .* took more than 5 s/);
    bindings.hanging.clear();
    await use(link);
  });

  test(`${step} that fails reports the bindings' reason; the link stays usable`, async () => {
    const { bindings, connect } = bench();
    const link = await connect();
    bindings.failing.set(step, new RadioError("pairing-needed", "pair it"));
    assert.equal(await faultOf(use(link)), "pairing-needed: pair it");
    bindings.failing.clear();
    await use(link);
  });

  test(`${step} ends with its link, and is refused after it`, async () => {
    const { bindings, connect, clock } = bench();
    const link = await connect();
    bindings.hanging.add(step);
    void clock.sleep(1_000).then(() => bindings.drop(0x08));
    assert.equal(
      await faultOf(use(link)),
      "disconnected: A4:C1:37:00:00:01: link lost: out of range, or its power failed",
    );
    assert.match(await faultOf(use(link)), /^disconnected/);
    assert.equal(clock.monotonic(), 1_000);
  });

  test(`${step} of a characteristic that the device does not have lists those that it has`, async () => {
    const { connect } = bench();
    const link = await connect();
    const lacking: Readonly<Record<string, () => Promise<unknown>>> = {
      read: () => link.read(characteristic("fff0", "fff1")),
      write: () => link.write(characteristic("fff0", "fff1"), Uint8Array.of(), "command"),
      notify: () => link.subscribe(characteristic("fff0", "fff1")),
    };
    assert.equal(
      await faultOf(lacking[step]?.() ?? Promise.resolve()),
      "unsupported: A4:C1:37:00:00:01 has no characteristic fff0/fff1 (it has: ff00/ff01, ff00/ff02)",
    );
  });
}

const LOSSES: readonly [about: string, lose: (bindings: FakeBindings) => void, expected: RegExp][] = [
  ["the device", (bindings) => bindings.drop(0x13), /^disconnected: .*the device ended the link$/],
  ["an unknown reason", (bindings) => bindings.drop(0x77), /^disconnected: .*link lost \(reason 0x77\)$/],
  [
    "bindings that report a word",
    (bindings) => bindings.emit("disconnect", "a4c137000001", "gone"),
    /link lost \(gone\)$/,
  ],
  ["bindings that report no reason", (bindings) => bindings.emit("disconnect", "a4c137000001"), /: link lost$/],
  [
    "the adapter",
    (bindings) => bindings.power("poweredOff"),
    /^adapter-off: the Bluetooth adapter is not on \(poweredOff\)/,
  ],
];
for (const [about, lose, expected] of LOSSES) {
  test(`lost by ${about}: the signal has the reason, subscriptions end, and the device can be connected again`, async () => {
    const { bindings, connect } = bench();
    const link = await connect();
    const notifications = await link.subscribe(characteristic("ff00", "ff01"));
    const waiting = notifications.next(60_000);
    lose(bindings);
    assert.match(await faultOf(waiting), expected);
    assert.match(`${link.lost.reason.fault}: ${link.lost.reason.message}`, expected);
    await link.close();
    bindings.power("poweredOn");
    await connect();
  });
}

test("a device that is not seen counts as absent after four scan windows of three seconds, with pauses for others", async () => {
  const { bindings, radio, clock } = bench();
  assert.equal(
    await faultOf(radio.connect("A4:C1:37:00:00:09", NEVER)),
    "not-found: A4:C1:37:00:00:09 was not found in 12 s: is it on, in range, and not connected to a phone?",
  );
  assert.equal(clock.monotonic(), 4 * 3_000 + 3 * 300);
  assert.equal(bindings.asked.filter((step) => step === "scan").length, 4);
});

test("a known device is connected without a scan; if that fails, it must be seen first", async () => {
  const { bindings, connect } = bench();
  bindings.recalls = true;
  bindings.failing.set("connect", new RadioError("connect-failed", "it has gone"));
  assert.equal(await faultOf(connect()), "connect-failed: it has gone");
  bindings.failing.clear();
  await (await connect()).close();
  await connect();
  assert.deepEqual(
    bindings.asked.filter((step) => step === "scan" || step === "connect"),
    ["connect", "scan", "connect", "connect"],
  );
});

test("a connection that is made after its attempt was cancelled is ended at once, and does not disturb the next", async () => {
  const { bindings, connect } = bench();
  bindings.hanging.add("connect");
  await faultOf(connect());
  assert.ok(bindings.asked.includes("cancel"), "the try was cancelled");
  bindings.connected();
  assert.equal(bindings.asked.at(-1), "disconnect");
  await new Promise((resolve) => setImmediate(resolve));
  bindings.hanging.clear();
  const link = await connect();
  assert.deepEqual(await link.read(characteristic("ff00", "ff01")), Uint8Array.of(1, 2, 3));
});

test("one device is connected once: a second attempt in the same process is refused", async () => {
  const { connect } = bench();
  const link = await connect();
  assert.match(await faultOf(connect()), /^busy: A4:C1:37:00:00:01 is in use by this process/);
  await link.close();
  await connect();
});

test("closing a link frees the device, waits for it no longer than 3 s, and never throws", async () => {
  const { bindings, connect, clock } = bench();
  const first = await connect();
  await first.close();
  assert.equal(bindings.asked.at(-1), "disconnect");
  assert.match(await faultOf(first.read(characteristic("ff00", "ff01"))), /^disconnected: .*the link was closed/);

  const second = await connect();
  bindings.hanging.add("disconnect");
  const began = clock.monotonic();
  await Promise.all([second.close(), second.close()]);
  assert.equal(clock.monotonic() - began, 3_000);
  assert.ok(second.lost.aborted, "lost");
});

test("closing the radio ends its links, scans and attempts, and then its bindings", async () => {
  const { bindings, radio, connect } = bench();
  const link = await connect();
  const looking = radio.connect("A4:C1:37:00:00:09", NEVER);
  const closed = radio.close();
  assert.equal(await faultOf(looking), "disconnected: the radio was closed");
  await closed;
  assert.ok(link.lost.aborted, "lost");
  assert.ok(bindings.asked.includes("disconnect"), "freed");
  assert.ok(bindings.isClosed, "closed");
  assert.equal(await faultOf(connect()), "disconnected: the radio was closed");
});

test("an adapter that is not on at the start: its fault at once, or its state after 5 s", async () => {
  const faulty = bench();
  faulty.bindings.init = () => {
    faulty.bindings.trouble = new RadioError("adapter-missing", "plug one in");
    process.nextTick(() => faulty.bindings.power("unsupported"));
  };
  assert.equal(await faultOf(faulty.connect()), "adapter-missing: plug one in");

  const untold = bench();
  untold.bindings.init = () => {};
  assert.match(await faultOf(untold.connect()), /^adapter-off: .*\(unknown\): switch it on/);
  assert.equal(untold.clock.monotonic(), 5_000);

  const late = bench();
  late.bindings.init = () => {
    late.bindings.power("poweredOff");
    void late.clock.sleep(1_000).then(() => late.bindings.power("poweredOn"));
  };
  await late.connect();
});

test("a scan yields advertisements in this project's spelling until the signal aborts", async () => {
  const { bindings, radio, clock } = bench();
  const stop = new AbortController();
  void clock.sleep(7_000).then(() => stop.abort());
  const received: Advertisement[] = [];
  for await (const advertisement of radio.scan(stop.signal)) received.push(advertisement);
  assert.deepEqual(received[0], {
    address: FAKE_ADDRESS,
    addressType: "public",
    name: "fake",
    rssi: -60,
    services: ["ff00"],
    manufacturerData: new Map([[0xc1a4, Uint8Array.of(1, 2)]]),
  });
  assert.equal(received.length, 3, "once for each scan window");
  assert.equal(bindings.listenerCount("operationFailed"), 0);
});

test("a scan ends with the adapter's fault, and when its reader leaves", async () => {
  const { bindings, radio } = bench();
  for await (const _ of radio.scan(NEVER)) break;
  const received = (async () => {
    for await (const _ of radio.scan(NEVER)) bindings.power("poweredOff");
  })();
  assert.match(await faultOf(received), /^adapter-off/);
});

test("no listener is left after many links, however they end", async () => {
  const { bindings, connect } = bench();
  const count = () => bindings.eventNames().map((name) => [name, bindings.listenerCount(name)]);
  await (await connect()).close();
  const before = count();
  for (let i = 0; i < 20; i++) {
    const link = await connect();
    await link.subscribe(characteristic("ff00", "ff01"));
    bindings.hanging.add("notify");
    await faultOf(link.subscribe(characteristic("ff00", "ff01")));
    bindings.hanging.clear();
    if (i % 2) bindings.drop();
    await link.close();
  }
  assert.deepEqual(count(), before);
});
