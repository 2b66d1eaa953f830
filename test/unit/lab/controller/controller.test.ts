import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "../../../../simulator/peripheral.ts";
import { type Controller, createController } from "../../../system/lab/controller/controller.ts";
import { scriptedPeripheral } from "./scripted-peripheral.ts";

/** Least significant byte first. */
const PACK_BYTES = "01000037c1a4";
const HANDLE = "4100";

/** A controller that still scans would keep the virtual clock running for ever. */
const controllers: Controller[] = [];
afterEach(() => {
  for (const controller of controllers.splice(0)) controller.reset();
});

function host(...peripherals: Peripheral[]) {
  const clock = virtualClock();
  const events: string[] = [];
  const controller = createController({
    address: "00:BB:EE:00:00:01",
    peripherals,
    passkeys: new Map(),
    clock,
    random: () => 0,
    send: (packet) => events.push(packet.toString("hex")),
    log: () => {},
  });
  controllers.push(controller);
  return {
    clock,
    events,
    controller,
    /** Sends one command and returns the events within `ms`. */
    async command(opcode: number, parameters: string, ms = 0): Promise<string[]> {
      const before = events.length;
      const body = Buffer.from(parameters, "hex");
      controller.receive(Buffer.from([1, opcode & 0xff, opcode >> 8, body.length, ...body]));
      await clock.sleep(ms);
      return events.slice(before);
    },
    async connect(): Promise<void> {
      const wanted = `6000600000${"00"}${PACK_BYTES}001800280000002a0000000000`;
      await this.command(0x200d, wanted, 1000);
    },
    async att(pdu: string): Promise<string[]> {
      const before = events.length;
      const length = pdu.length / 2;
      const head = Buffer.from([2, 0x41, 0, length + 4, 0, length, 0, 4, 0]);
      controller.receive(Buffer.concat([head, Buffer.from(pdu, "hex")]));
      await clock.sleep(100);
      return events.slice(before).filter((event) => event.startsWith("02"));
    },
  };
}

const CONNECTED = `043e1301 00 ${HANDLE} 00 00 ${PACK_BYTES} 1800 0000 c800 00`.replaceAll(" ", "");
const disconnected = (reason: string) => `04050400${HANDLE}${reason}`;
const ENABLE_SCAN = 0x200c;
const SET_SCAN = 0x200b;
const PASSIVE_ALL = "00600060000000";
const ACTIVE_ALL = "01600060000000";
const PASSIVE_ACCEPTED = "00600060000001";

test("a reset is answered", async () => {
  assert.deepEqual(await host().command(0x0c03, ""), ["040e0401030c00"]);
});

test("an unknown command is refused", async () => {
  assert.deepEqual(await host().command(0x1234, ""), ["040e0401341201"]);
});

test("a scan reports advertising devices, once each with the filter", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.command(SET_SCAN, PASSIVE_ALL);
  const reports = (await adapter.command(ENABLE_SCAN, "0101", 1000)).slice(1);
  assert.equal(reports.length, 1);
  assert.match(reports[0] ?? "", /^043e13020100/);
  await adapter.command(ENABLE_SCAN, "0000");
  const again = (await adapter.command(ENABLE_SCAN, "0100", 1000)).slice(1);
  assert.ok(again.length > 4, `${again.length} reports`);
});

test("an active scan reports the scan response too", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.command(SET_SCAN, ACTIVE_ALL);
  const [, first, second] = await adapter.command(ENABLE_SCAN, "0101", 200);
  assert.equal(first?.slice(10, 12), "00");
  assert.equal(second?.slice(10, 12), "04");
});

test("a scan for accepted devices reports no other", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.command(SET_SCAN, PASSIVE_ACCEPTED);
  assert.equal((await adapter.command(ENABLE_SCAN, "0100", 1000)).length, 1);
  await adapter.command(0x2011, `00${PACK_BYTES}`);
  assert.ok((await adapter.command(0x2003, "", 1000)).length > 1);
  await adapter.command(0x2012, `00${PACK_BYTES}`);
  assert.equal((await adapter.command(0x2003, "", 1000)).length, 1);
});

test("a scan that runs cannot be started or changed", async () => {
  const adapter = host();
  await adapter.command(ENABLE_SCAN, "0100");
  assert.deepEqual(await adapter.command(ENABLE_SCAN, "0100"), ["040e04010c200c"]);
  assert.deepEqual(await adapter.command(SET_SCAN, PASSIVE_ALL), ["040e04010b200c"]);
});

test("a connection comes with the device's next advertisement", async () => {
  const pack = scriptedPeripheral();
  pack.isAdvertising = false;
  const adapter = host(pack);
  await adapter.connect();
  assert.deepEqual(adapter.events, ["040f0400010d20"]);
  pack.isAdvertising = true;
  await adapter.clock.sleep(1000);
  assert.deepEqual(adapter.events.slice(1), [CONNECTED]);
});

test("a connection attempt can be cancelled, once", async () => {
  const pack = scriptedPeripheral();
  pack.isAdvertising = false;
  const adapter = host(pack);
  await adapter.connect();
  assert.deepEqual(await adapter.command(0x200e, ""), ["040e04010e2000", `043e1301${"02"}${"00".repeat(17)}`]);
  assert.deepEqual(await adapter.command(0x200e, ""), ["040e04010e200c"]);
  pack.isAdvertising = true;
  await adapter.clock.sleep(1000);
  assert.equal(pack.central, undefined);
});

test("requests reach the device and answers come back", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.connect();
  assert.deepEqual(await adapter.att("0a0300"), ["02412009000500" + "0400" + "0b7061636b"]);
});

test("a pack asks for its connection parameters once, after the first subscription", async () => {
  const preferredParameters = { minIntervalMs: 15, maxIntervalMs: 18.75, latency: 99, supervisionTimeoutMs: 4000 };
  const adapter = host(scriptedPeripheral({ preferredParameters }));
  await adapter.connect();
  await adapter.att("1208000100");
  const [asked] = (await adapter.att("1208000100")).filter((event) => event.includes("12010800"));
  assert.equal(asked, undefined, "not before 200 ms");
  await adapter.clock.sleep(1000);
  assert.equal(adapter.events.filter((event) => event.includes("120108000c000f0063009001")).length, 1);
});

test("new parameters are confirmed", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.connect();
  const [status, done] = await adapter.command(0x2013, `${HANDLE}0c000f006300900100000000`, 100);
  assert.equal(status, "040f0400011320");
  assert.equal(done, `043e0a0300${HANDLE}0f0063009001`);
});

test("the host disconnects", async () => {
  const pack = scriptedPeripheral();
  const adapter = host(pack);
  await adapter.connect();
  assert.deepEqual(await adapter.command(0x0406, `${HANDLE}13`, 100), ["040f0400010604", disconnected("16")]);
  assert.deepEqual(pack.calls, ["close"]);
  assert.deepEqual(await adapter.command(0x0406, `${HANDLE}13`, 100), ["040f0402010604"]);
});

test("the device disconnects", async () => {
  const pack = scriptedPeripheral();
  const adapter = host(pack);
  await adapter.connect();
  pack.central?.disconnected(0x13);
  assert.equal(adapter.events.at(-1), disconnected("13"));
});

test("a device that refuses is connected for a moment and then disconnected", async () => {
  const refuse = () => {
    throw new ConnectRefused(NOT_ESTABLISHED);
  };
  const adapter = host(scriptedPeripheral({ connect: refuse }));
  await adapter.connect();
  assert.deepEqual(adapter.events.slice(1), [CONNECTED, disconnected("3e")]);
});

test("a connected device cannot be connected again", async () => {
  const adapter = host(scriptedPeripheral());
  await adapter.connect();
  adapter.events.length = 0;
  await adapter.connect();
  assert.deepEqual(adapter.events, ["040f040b010d20"]);
});

test("a reset ends every link and every scan", async () => {
  const pack = scriptedPeripheral();
  const adapter = host(pack);
  await adapter.connect();
  await adapter.command(ENABLE_SCAN, "0100");
  assert.deepEqual(await adapter.command(0x0c03, "", 1000), ["040e0401030c00"]);
  assert.deepEqual(pack.calls, ["close"]);
});

test("data for a link that is gone is dropped", async () => {
  const adapter = host(scriptedPeripheral());
  assert.deepEqual(await adapter.att("0a0300"), []);
});
