import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, virtualClock } from "../../../common/runtime/clock.ts";
import type { Battery } from "../../../simulator/battery.ts";
import { type AnswerRecord, createDevice } from "../../../simulator/device.ts";
import { faultsOf, parseFault } from "../../../simulator/faults/faults.ts";
import { LINK_LOST, NOT_ESTABLISHED } from "../../../simulator/peripheral.ts";
import { familyOf } from "../../../simulator/registry.ts";
import { connectCentral, REQUEST_CELLS, REQUEST_INFO } from "../../support/simulated-central.ts";

const IGNORE = { notified() {}, disconnected() {} };

test("a device takes one central, and advertises only while it has none", () => {
  const { device, link } = connectCentral(virtualClock());
  assert.equal(device.advertisement(), undefined);
  assert.throws(() => device.connect(IGNORE), { name: "ConnectRefused", reason: NOT_ESTABLISHED });
  link.close();
  assert.equal(device.advertisement()?.name, "JBD-16S-0001");
  device.connect(IGNORE);
});

test("an advertisement holds the address, its type, the service, and the address again as JBD's modules do", () => {
  const { device, link } = connectCentral(virtualClock());
  link.close();
  const { rssi, ...advertisement } = device.advertisement() ?? {};
  assert.deepEqual(advertisement, {
    address: "A4:C1:37:00:00:01",
    addressType: "public",
    name: "JBD-16S-0001",
    services: ["ff00"],
    manufacturerData: new Map([[0xc1a4, Uint8Array.of(0x37, 0, 0, 1)]]),
  });
  assert.ok(rssi !== undefined && rssi < -40 && rssi > -100, `${rssi} dBm`);
});

test("notifications arrive in pieces of 20 bytes, in order, never within the write", async () => {
  const clock = virtualClock();
  const { link, notified, request } = connectCentral(clock, { kind: "jbd32", latencyMs: 0 });
  link.write("ff02", Buffer.from(REQUEST_CELLS, "hex"));
  assert.deepEqual(notified, []);
  const pieces = await request(REQUEST_INFO);
  assert.deepEqual(
    pieces.map((piece) => piece.length / 2),
    [20, 20, 20, 11, 20, 20, 5],
  );
});

test("a notified piece belongs to the central", async () => {
  const clock = virtualClock();
  const { device, link } = connectCentral(clock, { faults: ["repeat:ms=10"] });
  link.close();
  const seen: string[] = [];
  const greedy = device.connect({
    notified: (_, piece) => {
      seen.push(Buffer.from(piece).toString("hex"));
      piece.fill(0);
    },
    disconnected() {},
  });
  greedy.subscribe("ff01", true);
  greedy.write("ff02", Buffer.from(REQUEST_CELLS, "hex"));
  await clock.sleep(500);
  assert.deepEqual(seen.slice(0, 2), seen.slice(2));
});

test("without a subscription nothing is notified, and the log gives that reason", async () => {
  const { link, request, records } = connectCentral(virtualClock());
  link.subscribe("ff01", false);
  assert.deepEqual(await request(REQUEST_INFO), []);
  assert.deepEqual(
    records.map(({ sample, fault }) => ({ sample, fault })),
    [{ sample: {}, fault: "not subscribed" }],
  );
});

test("operations that the characteristics do not offer are refused", async () => {
  const { link } = connectCentral(virtualClock());
  assert.throws(() => link.write("ff01", Uint8Array.of(0)), { name: "AttError", code: 0x06 });
  assert.throws(() => link.write("ff09", Uint8Array.of(0)), { name: "AttError", code: 0x0a });
  assert.throws(() => link.subscribe("ff02", true), { name: "AttError", code: 0x06 });
  await assert.rejects(link.read("ff09"), { name: "AttError", code: 0x0a });
});

test("of two characteristics with the same UUID, each operation finds the one that offers it", () => {
  const clock = virtualClock();
  const battery: Battery = {
    ...talkative(clock),
    services: [
      {
        uuid: "ffe0",
        characteristics: [
          { uuid: "ffe1", properties: ["writeWithoutResponse"] },
          { uuid: "ffe1", properties: ["notify"] },
        ],
      },
    ],
  };
  const device = createDevice(battery, { clock, random: () => 0.5, onAnswer() {} });
  const link = device.connect({ notified() {}, disconnected() {} });
  link.subscribe("ffe1", true);
  link.write("ffe1", Uint8Array.of(1));
  link.close();
});

test("when the device ends the link, the central is notified once, and an answer in progress counts as lost", async () => {
  const clock = virtualClock();
  const { device, link, ended, records, notified } = connectCentral(clock);
  link.write("ff02", Buffer.from(REQUEST_INFO, "hex"));
  await clock.sleep(50);
  device.drop(LINK_LOST);
  device.drop(LINK_LOST);
  assert.deepEqual(ended, [], "not within the call");
  await clock.sleep(100);
  assert.deepEqual([ended, notified], [[LINK_LOST], []]);
  assert.equal(records[0]?.fault, "link lost");
  assert.equal(device.isConnected(), false);
});

test("after the central closes the link, it receives no event", async () => {
  const clock = virtualClock();
  const { link, ended, notified, records } = connectCentral(clock);
  link.write("ff02", Buffer.from(REQUEST_INFO, "hex"));
  link.close();
  link.close();
  link.write("ff02", Buffer.from(REQUEST_INFO, "hex"));
  await clock.sleep(1_000);
  assert.deepEqual([ended, notified], [[], []]);
  assert.deepEqual(
    records.map(({ fault }) => fault),
    ["link lost"],
  );
});

test("a read ends with its link", async () => {
  const { device, link } = connectCentral(virtualClock(), { kind: "v1" });
  const reading = link.read("7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c");
  device.drop(LINK_LOST);
  await assert.rejects(reading, { name: "LinkEnded" });
  await assert.rejects(link.read("7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c"), { name: "LinkEnded" });
});

test("an answer is logged at its last byte, with the time it took", async () => {
  const clock = virtualClock(1_000_000);
  const { request, records } = connectCentral(clock, { faults: ["gap:ms=10"] });
  await request(REQUEST_CELLS);
  const [{ at, device, register, took } = { at: 0, device: "", register: "", took: 0 }] = records;
  assert.deepEqual(
    { at, device, register, took },
    { at: 1_000_057, device: "A4:C1:37:00:00:01", register: "04", took: 57 },
  );
});

/** A device that sends its one record every 500 ms while a central is subscribed, and advertises its seconds. */
function talkative(clock: Clock): Battery {
  const record = { characteristic: "ff01", bytes: Uint8Array.from({ length: 24 }, (_, i) => i), sample: { volts: 13 } };
  return {
    address: "C0:FF:EE:00:00:01",
    addressType: "random",
    name: "talkative",
    manufacturerData: new Map(),
    rssi: -60,
    services: [{ uuid: "ff00", characteristics: [{ uuid: "ff01", properties: ["notify", "write"] }] }],
    advertisedServices: ["ff00"],
    mtu: 23,
    registerOf: () => "",
    answer: () => undefined,
    setProtection() {},
    flowAt: () => ({ volts: 13, amps: 0 }),
    broadcast: () => {
      const second = Math.floor(clock.monotonic() / 1000);
      return {
        manufacturerData: new Map([[0xffff, Uint8Array.of(second)]]),
        register: "seconds",
        sample: { uptime: second },
      };
    },
    openStream({ send, ended }) {
      let subscription = new AbortController();
      const next = () => {
        send({ ...record, register: "record", latencyMs: 0 });
        clock.sleep(500, AbortSignal.any([ended, subscription.signal])).then(next, () => {});
      };
      return {
        subscribed(_, on) {
          subscription.abort();
          subscription = new AbortController();
          if (on) next();
        },
        requested: ({ bytes }) => send({ ...record, bytes, sample: {}, register: "asked", latencyMs: 0 }),
      };
    },
  };
}

function openTalkative() {
  const clock = virtualClock();
  const records: AnswerRecord[] = [];
  const device = createDevice(talkative(clock), {
    clock,
    random: () => 0.5,
    onAnswer: (record) => records.push(record),
  });
  const notified: string[] = [];
  const log = () =>
    records.splice(0).map(({ register, sample, fault }) => ({ register, sample, ...(fault && { fault }) }));
  const connect = () =>
    device.connect({
      notified: (_, piece) => notified.push(Buffer.from(piece).toString("hex")),
      disconnected() {},
    });
  return { clock, device, notified, log, connect };
}

const RECORD = { register: "record", sample: { volts: 13 } };

test("a device sends records unasked, from the subscription to its end or that of the link", async () => {
  const { clock, notified, log, connect } = openTalkative();
  const link = connect();
  link.subscribe("ff01", true);
  link.subscribe("ff01", true);
  await clock.sleep(1_200);
  assert.deepEqual(log(), [RECORD, RECORD, RECORD]);
  assert.deepEqual(
    notified.map((piece) => piece.length / 2),
    [20, 4, 20, 4, 20, 4],
  );
  link.subscribe("ff01", false);
  await clock.sleep(1_200);
  assert.deepEqual(log(), []);
  link.subscribe("ff01", true);
  await clock.sleep(100);
  link.close();
  await clock.sleep(1_200);
  assert.deepEqual(log(), [RECORD]);
});

test("a request that reaches the device may begin a record, and faults act on records as on answers", async () => {
  const { clock, device, notified, log, connect } = openTalkative();
  const link = connect();
  link.write("ff01", Uint8Array.of(7));
  await clock.sleep(0);
  assert.deepEqual(log(), [{ register: "asked", sample: {}, fault: "not subscribed" }]);
  const { layer } = parseFault("lose-last:register=record,times=1", faultsOf(familyOf("v1")), Math.random);
  device.add(layer);
  link.subscribe("ff01", true);
  await clock.sleep(600);
  assert.deepEqual(log(), [{ register: "record", sample: {}, fault: "lose-last" }, RECORD]);
  assert.equal(notified.length, 3);
  link.close();
});

test("a device advertises the values of the moment; each change is logged once, and only while it advertises", async () => {
  const { clock, device, log, connect } = openTalkative();
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(device.advertisement()?.manufacturerData.get(0xffff), Uint8Array.of(Math.floor(i / 2)));
    await clock.sleep(500);
  }
  const seconds = (uptime: number) => ({ register: "seconds", sample: { uptime } });
  assert.deepEqual(log(), [seconds(0), seconds(1), seconds(2)]);
  const link = connect();
  await clock.sleep(1_000);
  assert.equal(device.advertisement(), undefined);
  assert.deepEqual(log(), []);
  link.close();
  device.advertisement();
  assert.deepEqual(log(), [seconds(3)]);
});
