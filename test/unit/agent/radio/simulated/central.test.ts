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
import { type SimulatorServer, serveSimulator } from "../../../../../simulator/server.ts";
import { createSimulator, type Simulator, usualDevices } from "../../../../../simulator/simulator.ts";
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
  /** The simulator at its socket; absent where nobody serves it yet. */
  readonly server: SimulatorServer | undefined;
  serve(): Promise<SimulatorServer>;
}

/** A simulator at a socket, unless told otherwise, and a radio that looks for it there. */
async function bench(t: TestContext, { isServed = true, timeouts = {} } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "bms-simulated-"));
  const path = join(folder, "simulator.sock");
  const records: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock: systemClock,
    seed: "1",
    latencyMs: 0,
    devices: usualDevices(1, 2),
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

async function wholeAnswer(heard: Notifications, bytes: number): Promise<string> {
  let hex = "";
  while (hex.length < 2 * bytes) {
    const piece = await heard.next(2_000);
    assert.ok(piece, `no more than ${hex}`);
    hex += Buffer.from(piece).toString("hex");
  }
  return hex;
}

test("a pack is connected, subscribed to, asked, and answers in pieces", async (t) => {
  const { radio } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  assert.deepEqual(
    [link.address, link.addressType, link.services],
    [JBD, "public", ["ff00", "00010203-0405-0607-0809-0a0b0c0d1912"]],
  );
  assert.ok(link.rssi !== undefined && link.rssi < -40, `${link.rssi} dBm`);
  const heard = await link.subscribe(characteristic("ff00", "ff01"));
  await link.write(characteristic("ff00", "ff02"), ASK_INFO, "command");
  assert.match(await wholeAnswer(heard, 36), /^dd03001d/);
  assert.equal(await heard.next(0), undefined);
});

test("a value longer than one packet is read whole", async (t) => {
  const { radio, records } = await bench(t);
  const link = await radio.connect(MONITOR, NEVER);
  assert.equal(link.addressType, "random");
  assert.equal((await link.read(characteristic(MONITOR_SERVICE, MONITOR_VALUE))).length, 54);
  assert.equal(records[0]?.register, "v2");
});

test("a scan hears every device that is free, with name, services and the maker's data", async (t) => {
  const { radio } = await bench(t);
  await (await radio.connect(MONITOR, NEVER)).close();
  const held = await radio.connect(MONITOR, NEVER);
  const heard = new Map<string, unknown>();
  for await (const { address, addressType, name, services, manufacturerData } of radio.scan(NEVER)) {
    heard.set(address, { addressType, name, services, manufacturerData });
    if (heard.size === 2) break;
  }
  assert.deepEqual(Object.fromEntries(heard), {
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

const CANNOT: readonly [about: string, fault: string, says: RegExp][] = [
  ["a device that is away", "out-of-range", /^not-found: .* was not heard/],
  ["a device that a phone holds", "occupied", /^not-found: .* not connected to a phone\?/],
  ["a device that refuses", "refuse-connect", /^connect-failed: .*connect failed with 0x3e: seen, but/],
  ["a device that ends the link at once", "short-link:ms=0", /^disconnected: .*the device ended the link/],
];
for (const [about, fault, says] of CANNOT) {
  test(`${about} cannot be connected; the reason is told, and it can be when that is over`, async (t) => {
    const { radio, simulator } = await bench(t, { timeouts: SHORT });
    await (await radio.connect(JBD, NEVER)).close();
    simulator.set(JBD, fault);
    // A link that is cut at once may still come about; the first step on it says what happened.
    const step = radio.connect(JBD, NEVER).then((link) => link.read(characteristic("ff00", "ff01")));
    await assert.rejects(
      step,
      (error: unknown) => error instanceof RadioError && says.test(`${error.fault}: ${error.message}`),
    );
    simulator.clear(JBD);
    await connectSoon(radio);
  });
}

test("a device that wants to be paired says so at the first step that needs it", async (t) => {
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

test("what a device refuses is told as unsupported", async (t) => {
  const { radio } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  await assert.rejects(link.subscribe(characteristic("ff00", "ff02")), {
    fault: "unsupported",
    message: /subscribe of ff02 failed with 0x6/,
  });
});

test("a lost link ends what is under way, and tells the reason", async (t) => {
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

test("when the simulator ends, links are lost and tries fail; with the next simulator all is as before", async (t) => {
  const { radio, server, serve } = await bench(t);
  const link = await radio.connect(JBD, NEVER);
  const heard = await link.subscribe(characteristic("ff00", "ff01"));
  const waiting = heard.next(60_000);
  await server?.close();
  await assert.rejects(waiting, RadioError);
  await assert.rejects(radio.connect(JBD, NEVER), { fault: "adapter-missing" });
  await serve();
  const again = await connectSoon(radio);
  await again.subscribe(characteristic("ff00", "ff01"));
});

test("without a simulator, connecting and scanning say how to start one", async (t) => {
  const { radio, path } = await bench(t, { isServed: false });
  const says = {
    fault: "adapter-missing",
    message: `there is no simulator at ${path}: start one with: npm run -s simulator -- --socket ${path}`,
  };
  await assert.rejects(radio.connect(JBD, NEVER), says);
  await assert.rejects(radio.scan(NEVER)[Symbol.asyncIterator]().next(), says);
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

test("a simulator that tells anything in any order costs no more than the link", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "bms-mad-"));
  const path = join(folder, "simulator.sock");
  let script: readonly SimulatorEvent[] = [];
  const mad = createServer((socket) => {
    const say = (events: readonly SimulatorEvent[]) =>
      socket.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    socket.on("error", () => {});
    socket.on("data", () => say(script));
    say(script);
  });
  await new Promise<void>((resolve) => mad.listen(path, resolve));
  t.after(async () => {
    await new Promise((resolve) => mad.close(resolve));
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

const STRANGERS: readonly [about: string, says: string][] = [
  ["words", "HTTP/1.1 400 Bad Request\n"],
  ["an unknown event", '{"event":"weather"}\n'],
  ["an event with wrong fields", '{"event":"connected","address":"A4:C1:37:00:00:01","mtu":"23"}\n'],
  ["an endless line", "x".repeat(100_000)],
];
for (const [about, says] of STRANGERS) {
  test(`a stranger behind the socket that sends ${about} is told from a simulator`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "bms-stranger-"));
    const path = join(folder, "simulator.sock");
    const stranger = createServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end(says),
    );
    await new Promise<void>((resolve) => stranger.listen(path, resolve));
    const radio = nobleRadio(bindingsFromCentral(simulatedCentral(path, systemClock)), {
      clock: systemClock,
      log: silentLog,
    });
    t.after(async () => {
      await radio.close();
      await new Promise((resolve) => stranger.close(resolve));
      await rm(folder, { recursive: true });
    });
    await assert.rejects(radio.connect(JBD, NEVER), { fault: "adapter-missing", message: /is not a simulator/ });
  });
}
