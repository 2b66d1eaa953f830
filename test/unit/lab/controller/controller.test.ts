import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "../../../../simulator/peripheral.ts";
import { type Controller, createController } from "../../../system/lab/controller/controller.ts";
import { scriptedPeripheral } from "./scripted-peripheral.ts";

/** As it travels. */
const PACK_BYTES = "01000037c1a4";
const HANDLE = "4100";

/** Whoever still listens would keep the virtual clock running for ever. */
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
    /** One command, and what it brought within `ms`. */
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

test("an unknown command is refused by name", async () => {
  assert.deepEqual(await host().command(0x1234, ""), ["040e0401341201"]);
});

test("a scan hears who advertises, once each where asked", async () => {
  const air = host(scriptedPeripheral());
  await air.command(SET_SCAN, PASSIVE_ALL);
  const heard = (await air.command(ENABLE_SCAN, "0101", 1000)).slice(1);
  assert.equal(heard.length, 1);
  assert.match(heard[0] ?? "", /^043e13020100/);
  await air.command(ENABLE_SCAN, "0000");
  const again = (await air.command(ENABLE_SCAN, "0100", 1000)).slice(1);
  assert.ok(again.length > 4, `${again.length} reports`);
});

test("an active scan brings the scan response too", async () => {
  const air = host(scriptedPeripheral());
  await air.command(SET_SCAN, ACTIVE_ALL);
  const [, first, second] = await air.command(ENABLE_SCAN, "0101", 200);
  assert.equal(first?.slice(10, 12), "00");
  assert.equal(second?.slice(10, 12), "04");
});

test("a scan for accepted devices hears no other", async () => {
  const air = host(scriptedPeripheral());
  await air.command(SET_SCAN, PASSIVE_ACCEPTED);
  assert.equal((await air.command(ENABLE_SCAN, "0100", 1000)).length, 1);
  await air.command(0x2011, `00${PACK_BYTES}`);
  assert.ok((await air.command(0x2003, "", 1000)).length > 1);
  await air.command(0x2012, `00${PACK_BYTES}`);
  assert.equal((await air.command(0x2003, "", 1000)).length, 1);
});

test("a scan that runs cannot be started or changed", async () => {
  const air = host();
  await air.command(ENABLE_SCAN, "0100");
  assert.deepEqual(await air.command(ENABLE_SCAN, "0100"), ["040e04010c200c"]);
  assert.deepEqual(await air.command(SET_SCAN, PASSIVE_ALL), ["040e04010b200c"]);
});

test("a connection comes with the device's next advertisement", async () => {
  const pack = scriptedPeripheral();
  pack.isAdvertising = false;
  const air = host(pack);
  await air.connect();
  assert.deepEqual(air.events, ["040f0400010d20"]);
  pack.isAdvertising = true;
  await air.clock.sleep(1000);
  assert.deepEqual(air.events.slice(1), [CONNECTED]);
});

test("a connection under way can be taken back, once", async () => {
  const pack = scriptedPeripheral();
  pack.isAdvertising = false;
  const air = host(pack);
  await air.connect();
  assert.deepEqual(await air.command(0x200e, ""), ["040e04010e2000", `043e1301${"02"}${"00".repeat(17)}`]);
  assert.deepEqual(await air.command(0x200e, ""), ["040e04010e200c"]);
  pack.isAdvertising = true;
  await air.clock.sleep(1000);
  assert.equal(pack.central, undefined);
});

test("requests reach the device and answers come back", async () => {
  const air = host(scriptedPeripheral());
  await air.connect();
  assert.deepEqual(await air.att("0a0300"), ["02412009000500" + "0400" + "0b7061636b"]);
});

test("a pack asks for its connection parameters once, after the first subscription", async () => {
  const preferredParameters = { minIntervalMs: 15, maxIntervalMs: 18.75, latency: 99, supervisionTimeoutMs: 4000 };
  const air = host(scriptedPeripheral({ preferredParameters }));
  await air.connect();
  await air.att("1208000100");
  const [asked] = (await air.att("1208000100")).filter((event) => event.includes("12010800"));
  assert.equal(asked, undefined, "not before 200 ms");
  await air.clock.sleep(1000);
  assert.equal(air.events.filter((event) => event.includes("120108000c000f0063009001")).length, 1);
});

test("new parameters are confirmed", async () => {
  const air = host(scriptedPeripheral());
  await air.connect();
  const [status, done] = await air.command(0x2013, `${HANDLE}0c000f006300900100000000`, 100);
  assert.equal(status, "040f0400011320");
  assert.equal(done, `043e0a0300${HANDLE}0f0063009001`);
});

test("the host hangs up", async () => {
  const pack = scriptedPeripheral();
  const air = host(pack);
  await air.connect();
  assert.deepEqual(await air.command(0x0406, `${HANDLE}13`, 100), ["040f0400010604", disconnected("16")]);
  assert.deepEqual(pack.heard, ["close"]);
  assert.deepEqual(await air.command(0x0406, `${HANDLE}13`, 100), ["040f0402010604"]);
});

test("the device hangs up", async () => {
  const pack = scriptedPeripheral();
  const air = host(pack);
  await air.connect();
  pack.central?.disconnected(0x13);
  assert.equal(air.events.at(-1), disconnected("13"));
});

test("a device that refuses is connected for a moment and then is not", async () => {
  const refuse = () => {
    throw new ConnectRefused(NOT_ESTABLISHED);
  };
  const air = host(scriptedPeripheral({ connect: refuse }));
  await air.connect();
  assert.deepEqual(air.events.slice(1), [CONNECTED, disconnected("3e")]);
});

test("a device that is held cannot be connected twice", async () => {
  const air = host(scriptedPeripheral());
  await air.connect();
  air.events.length = 0;
  await air.connect();
  assert.deepEqual(air.events, ["040f040b010d20"]);
});

test("a reset ends every link and hears nobody any more", async () => {
  const pack = scriptedPeripheral();
  const air = host(pack);
  await air.connect();
  await air.command(ENABLE_SCAN, "0100");
  assert.deepEqual(await air.command(0x0c03, "", 1000), ["040e0401030c00"]);
  assert.deepEqual(pack.heard, ["close"]);
});

test("data for a link that is gone is dropped", async () => {
  const air = host(scriptedPeripheral());
  assert.deepEqual(await air.att("0a0300"), []);
});
