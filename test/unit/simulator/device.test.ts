import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { LINK_LOST, NOT_ESTABLISHED } from "../../../simulator/peripheral.ts";
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
