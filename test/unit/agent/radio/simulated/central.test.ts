import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bindingsFromCentral } from "../../../../../agent/radio/noble/from-central.ts";
import { nobleRadio } from "../../../../../agent/radio/noble/radio.ts";
import { type Link, type Notifications, type Radio, RadioError } from "../../../../../agent/radio/radio.ts";
import { simulatedCentral } from "../../../../../agent/radio/simulated/central.ts";
import type { SimulatorEvent } from "../../../../../agent/radio/simulated/protocol.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../../common/runtime/log.ts";
import type { AnswerRecord } from "../../../../../simulator/device.ts";
import { usualDevices } from "../../../../../simulator/registry.ts";
import { type SimulatorServer, serveSimulator } from "../../../../../simulator/server.ts";
import { createSimulator, type Simulator } from "../../../../../simulator/simulator.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { fc } from "../../../../support/property.ts";

const NEVER = new AbortController().signal;
const JBD = "A4:C1:37:00:00:01";
const MONITOR = "C0:00:00:00:00:02";
const MONITOR_SERVICE = "ec7c0000-2c7b-1539-172f-29d041beab3e";
const MONITOR_VALUE = "ec7c0001-2c7b-1539-172f-29d041beab3e";
const ASK_INFO = Buffer.from("dda50300fffd77", "hex");
/** An absent device is given up after two short looks. */
const SHORT = { scanWindows: 2, scanWindowMs: 150, betweenWindowsMs: 5 };

interface Bench {
  readonly path: string;
  readonly simulator: Simulator;
  readonly radio: Radio;
  readonly records: AnswerRecord[];
  /** The simulator at its socket; absent before it is served. */
  readonly server: SimulatorServer | undefined;
  serve(): Promise<SimulatorServer>;
}

/** A simulator at a socket, served unless `isServed` is false, and a radio that connects to it. */
async function bench(t: TestContext, { isServed = true, timeouts = {} } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "bms-simulated-"));
  const path = join(folder, "simulator.sock");
  const records: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock: systemClock,
    seed: "1",
    latencyMs: 0,
    devices: usualDevices({ jbd: 1, thornwave: 2 }),
    onAnswer: (record) => records.push(record),
  });
  const servers: SimulatorServer[] = [];
  const serve = async () => {
    const server = await serveSimulator(simulator, path, systemClock);
    servers.push(server);
    return server;
  };
  const server = isServed ? await serve() : undefined;
  const bindings = bindingsFromCentral(simulatedCentral(path, systemClock));
  const radio = nobleRadio(bindings, { clock: systemClock, log: silentLog, timeouts });
  t.after(async () => {
    await radio.close();
    for (const each of servers) await each.close();
    await rm(folder, { recursive: true });
  });
  return { path, simulator, radio, records, server, serve };
}

const AWAY: readonly string[] = ["adapter-missing", "not-found"];

/** The first link that can be had: adapter and device come back only some time after what kept them away. */
async function connectSoon(radio: Radio): Promise<Link> {
  for (;;) {
    try {
      return await radio.connect(JBD, NEVER);
    } catch (error) {
      if (!(error instanceof RadioError) || !AWAY.includes(error.fault)) throw error;
      await systemClock.sleep(10);
    }
  }
}

async function wholeAnswer(notifications: Notifications, bytes: number): Promise<string> {
  let hex = "";
  while (hex.length < 2 * bytes) {
    const piece = await notifications.next(2_000);
    assert.ok(piece, `no more than ${hex}`);
    hex += Buffer.from(piece).toString("hex");
  }
  return hex;
}

test("a pack is connected, subscribed to and sent a request, and answers in pieces", async (t) => {
  const { radio } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  assert.deepEqual(
    [link.address, link.addressType, link.services],
    [JBD, "public", ["ff00", "00010203-0405-0607-0809-0a0b0c0d1912"]],
  );
  assert.ok(link.rssi !== undefined && link.rssi < -40, `${link.rssi} dBm`);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  await link.write(characteristic("ff00", "ff02"), ASK_INFO, "command");
  assert.match(await wholeAnswer(notifications, 36), /^dd03001d/);
  assert.equal(await notifications.next(0), undefined);
});

test("a value longer than one packet is read whole", async (t) => {
  const { radio, records } = await bench(t);
  const link = await radio.connect(MONITOR, NEVER);
  assert.equal(link.addressType, "random");
  assert.equal((await link.read(characteristic(MONITOR_SERVICE, MONITOR_VALUE))).length, 54);
  assert.equal(records[0]?.register, "v2");
});

test("a scan receives every free device, with name, services and manufacturer data", async (t) => {
  const { radio } = await bench(t);
  await (await radio.connect(MONITOR, NEVER)).close();
  const held = await radio.connect(MONITOR, NEVER);
  const received = new Map<string, unknown>();
  for await (const { address, addressType, name, services, manufacturerData } of radio.scan(NEVER)) {
    received.set(address, { addressType, name, services, manufacturerData });
    if (received.size === 2) break;
  }
  assert.deepEqual(Object.fromEntries(received), {
    [JBD]: {
      addressType: "public",
      name: "JBD-4S-0001",
      services: ["ff00"],
      manufacturerData: new Map([[0xc1a4, Uint8Array.of(0x37, 0, 0, 1)]]),
    },
    "C0:00:00:00:00:01": {
      addressType: "random",
      name: "PM 0001",
      services: ["7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c"],
      manufacturerData: new Map([[0x04c9, new Uint8Array()]]),
    },
  });
  assert.ok(!held.lost.aborted, "scanning leaves links alone");
});

const CANNOT: readonly [about: string, fault: string, expected: RegExp][] = [
  ["a device that is away", "out-of-range", /^not-found: .* was not found/],
  ["a device that a phone holds", "occupied", /^not-found: .* not connected to a phone\?/],
  ["a device that refuses", "refuse-connect", /^connect-failed: .*connect failed with 0x3e: seen, but/],
  ["a device that ends the link at once", "short-link:ms=0", /^disconnected: .*the device ended the link/],
];
for (const [about, fault, expected] of CANNOT) {
  test(`${about} cannot be connected; the error names the reason, and afterwards it can`, async (t) => {
    const { radio, simulator } = await bench(t, { timeouts: SHORT });
    await (await radio.connect(JBD, NEVER)).close();
    simulator.set(JBD, fault);
    // A link that is cut at once may still be made; the first operation on it reports the loss.
    const step = radio.connect(JBD, NEVER).then((link) => link.read(characteristic("ff00", "ff01")));
    await assert.rejects(
      step,
      (error: unknown) => error instanceof RadioError && expected.test(`${error.fault}: ${error.message}`),
    );
    simulator.clear(JBD);
    await connectSoon(radio);
  });
}

test("a device that requires pairing is reported at the first operation that needs it", async (t) => {
  const { radio, simulator } = await bench(t);
  simulator.set("all", "pairing-needed");
  const pack = await radio.connect(JBD, NEVER);
  await assert.rejects(pack.subscribe(characteristic("ff00", "ff01")), { fault: "pairing-needed" });
  await pack.write(characteristic("ff00", "ff02"), ASK_INFO, "command");
  await assert.rejects(pack.write(characteristic("ff00", "ff02"), ASK_INFO, "acknowledged"), {
    fault: "pairing-needed",
  });
  const monitor = await radio.connect(MONITOR, NEVER);
  await assert.rejects(monitor.read(characteristic(MONITOR_SERVICE, MONITOR_VALUE)), { fault: "pairing-needed" });
});

test("an operation that a device refuses is unsupported", async (t) => {
  const { radio } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  await assert.rejects(link.subscribe(characteristic("ff00", "ff02")), {
    fault: "unsupported",
    message: /subscribe of ff02 failed with 0x6/,
  });
});

test("a lost link ends the operations on it, with the reason", async (t) => {
  const { radio, simulator } = await bench(t);
  simulator.set(MONITOR, "silence");
  const link = await radio.connect(MONITOR, NEVER);
  const reading = link.read(characteristic(MONITOR_SERVICE, MONITOR_VALUE));
  simulator.drop(MONITOR, 0x08);
  await assert.rejects(reading, { fault: "disconnected", message: /out of range/ });
  assert.ok(link.lost.aborted, "lost");
});

test("a closed link, and a closed radio, free their devices", async (t) => {
  const { radio, simulator } = await bench(t);
  const held = () => simulator.devices.filter((device) => device.isConnected()).map(({ address }) => address);
  const link = await radio.connect(JBD, NEVER);
  await radio.connect(MONITOR, NEVER);
  assert.deepEqual(held(), [JBD, MONITOR]);
  await link.close();
  assert.deepEqual(held(), [MONITOR]);
  await radio.close();
  assert.deepEqual(held(), []);
});

test("when the simulator ends, links are lost and attempts fail; with the next simulator they succeed again", async (t) => {
  const { radio, server, serve } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  const notifications = await link.subscribe(characteristic("ff00", "ff01"));
  const waiting = notifications.next(60_000);
  await server?.close();
  await assert.rejects(waiting, RadioError);
  await assert.rejects(radio.connect(JBD, NEVER), { fault: "adapter-missing" });
  await serve();
  const again = await connectSoon(radio);
  await again.subscribe(characteristic("ff00", "ff01"));
});

test("without a simulator, the error of connecting and scanning names the command that starts one", async (t) => {
  const { radio, path } = await bench(t, { isServed: false });
  const expected = {
    fault: "adapter-missing",
    message: `there is no simulator at ${path}: start one with: npm run -s simulator -- --socket ${path}`,
  };
  await assert.rejects(radio.connect(JBD, NEVER), expected);
  await assert.rejects(radio.scan(NEVER)[Symbol.asyncIterator]().next(), expected);
});

const EVENTS: readonly SimulatorEvent[] = [
  { event: "advertised", address: JBD, addressType: "public", name: "", rssi: 0, services: [], manufacturer: [] },
  { event: "connected", address: JBD, mtu: 23 },
  { event: "connected", address: MONITOR, mtu: 23 },
  { event: "disconnected", address: JBD, reason: 8 },
  { event: "discovered", address: MONITOR, services: [{ uuid: "ff00", characteristics: [] }] },
  {
    event: "discovered",
    address: JBD,
    services: [{ uuid: "ff00", characteristics: [{ uuid: "ff01", properties: [] }] }],
  },
  ...(["read", "notified"] as const).map((event) => ({ event, address: JBD, characteristic: "ff01", hex: "00" })),
  { event: "written", address: JBD, characteristic: "ff01" },
  { event: "subscribed", address: MONITOR, characteristic: "ff01", on: true },
  { event: "failed", op: "connect", address: JBD, characteristic: "", code: 0x3e },
  { event: "failed", op: "read", address: MONITOR, characteristic: "ff01", code: 5 },
];

test("a simulator that sends any events in any order breaks no more than the link", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bms-erratic-"));
  const path = join(folder, "simulator.sock");
  let script: readonly SimulatorEvent[] = [];
  const erratic = createServer((socket) => {
    const sendAll = (events: readonly SimulatorEvent[]) =>
      socket.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    socket.on("error", () => {});
    socket.on("data", () => sendAll(script));
    sendAll(script);
  });
  await new Promise<void>((resolve) => erratic.listen(path, resolve));
  t.after(async () => {
    await new Promise((resolve) => erratic.close(resolve));
    await rm(folder, { recursive: true });
  });
  const steps = fc.array(fc.constantFrom(...EVENTS), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (events) => {
      script = events;
      const timeouts = {
        scanWindows: 1,
        scanWindowMs: 5,
        connectMs: 5,
        discoverMs: 5,
        operationMs: 5,
        disconnectMs: 5,
      };
      const options = { clock: systemClock, log: silentLog, timeouts };
      const radio = nobleRadio(bindingsFromCentral(simulatedCentral(path, systemClock)), options);
      const tried = radio.connect(JBD, NEVER).then((link) => link.read(characteristic("ff00", "ff01")));
      await tried.catch((error: unknown) => assert.ok(error instanceof RadioError, String(error)));
      await radio.close();
    }),
    { numRuns: 60 },
  );
});

const IMPOSTORS: readonly [about: string, expected: string][] = [
  ["words", "HTTP/1.1 400 Bad Request\n"],
  ["an unknown event", '{"event":"weather"}\n'],
  ["an event with wrong fields", '{"event":"connected","address":"A4:C1:37:00:00:01","mtu":"23"}\n'],
  ["an endless line", "x".repeat(100_000)],
];
for (const [about, expected] of IMPOSTORS) {
  test(`a server at the socket that sends ${about} is not taken for a simulator`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "bms-impostor-"));
    const path = join(folder, "simulator.sock");
    const impostor = createServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end(expected),
    );
    await new Promise<void>((resolve) => impostor.listen(path, resolve));
    const radio = nobleRadio(bindingsFromCentral(simulatedCentral(path, systemClock)), {
      clock: systemClock,
      log: silentLog,
    });
    t.after(async () => {
      await radio.close();
      await new Promise((resolve) => impostor.close(resolve));
      await rm(folder, { recursive: true });
    });
    await assert.rejects(radio.connect(JBD, NEVER), { fault: "adapter-missing", message: /is not a simulator/ });
  });
}
