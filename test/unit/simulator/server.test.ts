import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../common/runtime/clock.ts";
import { connectSimulator } from "../../../simulator/control-client.ts";
import { usualDevices } from "../../../simulator/registry.ts";
import { serveSimulator } from "../../../simulator/server.ts";
import { createSimulator, type Simulator } from "../../../simulator/simulator.ts";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "bms-simulator-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function newAir(): Simulator {
  return createSimulator({
    clock: systemClock,
    seed: "1",
    latencyMs: 0,
    devices: usualDevices({ jbd: 2, thornwave: 1 }),
    onAnswer() {},
  });
}

/** A simulator at a socket of its own. */
async function served(t: TestContext): Promise<{ simulator: Simulator; path: string }> {
  const simulator = newAir();
  const path = join(await folder(t), "simulator.sock");
  const server = await serveSimulator(simulator, path, systemClock);
  t.after(() => server.close());
  return { simulator, path };
}

/** A client that speaks lines. */
async function client(t: TestContext, path: string) {
  const socket = createConnection(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  return {
    socket,
    send: (line: string) => socket.write(`${line}\n`),
    receive: async () => JSON.parse((await lines.next()).value) as Record<string, unknown>,
  };
}

test("the client sets, lists and clears faults, raises alarms, and gets a reason for each refusal", async (t) => {
  const { simulator, path } = await served(t);
  const client = await connectSimulator(path);
  t.after(() => client.close());
  await client.set("all", "delay:ms=100");
  await client.set("A4:C1:37:00:00:01", "occupied");
  await client.alarm("A4:C1:37:00:00:01", "ovp", true);
  await client.drop("all");
  assert.deepEqual(await client.status(), [
    { address: "A4:C1:37:00:00:01", name: "JBD-4S-0001", isConnected: false, faults: ["occupied", "delay:ms=100"] },
    { address: "A4:C1:37:00:00:02", name: "JBD-8S-0002", isConnected: false, faults: ["delay:ms=100"] },
    { address: "C0:00:00:00:00:01", name: "PM 0001", isConnected: false, faults: ["delay:ms=100"] },
  ]);
  await client.clear("all", "delay");
  await client.clear("A4:C1:37:00:00:01");
  assert.deepEqual(
    simulator.devices.flatMap((device) => device.layers()),
    [],
  );
  await assert.rejects(client.set("all", "fire"), { name: "SimulatorError", message: /no fault "fire"/ });
  await assert.rejects(client.set("A4:C1:37:00:00:09", "occupied"), { name: "SimulatorError", message: /no device/ });
});

test("a client without a running simulator gets an error", async (t) => {
  const path = join(await folder(t), "simulator.sock");
  await assert.rejects(connectSimulator(path), { name: "SimulatorError", message: `no simulator listens at ${path}` });
  const server = await serveSimulator(newAir(), path, systemClock);
  const client = await connectSimulator(path);
  await server.close();
  await assert.rejects(client.status(), { name: "SimulatorError", message: /has ended/ });
  await assert.rejects(client.status(), { name: "SimulatorError", message: /has ended/ });
});

test("an invalid line is refused, and the next one is executed", async (t) => {
  const { path } = await served(t);
  const { send, receive } = await client(t, path);
  const wrong: readonly [line: string, expected: RegExp][] = [
    ["GET / HTTP/1.1", /not JSON/],
    ["[]", /no object/],
    ['{"op":"fly"}', /op: none of scan, connect/],
    ['{"op":"toString"}', /op: none of/],
    ['{"op":"connect"}', /address: no text/],
    ['{"op":"connect","address":"here"}', /no Bluetooth address/],
    [
      '{"op":"write","address":"A4:C1:37:00:00:01","characteristic":"ff02","hex":"0","acknowledged":true}',
      /not lower-case hexadecimal/,
    ],
    ['{"op":"scan","on":1}', /neither true nor false/],
  ];
  for (const [line, expected] of wrong) {
    send(line);
    const { event, reason } = await receive();
    assert.equal(event, "refused", line);
    assert.match(String(reason), expected);
  }
  send('{"op":"status"}');
  assert.equal((await receive()).event, "status");
});

test("a line without end costs its client the connection, and no other", async (t) => {
  const { path } = await served(t);
  const endless = await client(t, path);
  const other = await client(t, path);
  const closed = new Promise((resolve) => endless.socket.once("close", resolve));
  endless.socket.write("x".repeat(200_000));
  await closed;
  other.send('{"op":"status"}');
  assert.equal((await other.receive()).event, "status");
});

test("a device that one client holds is neither visible to another nor connectable by it, until the first disconnects", async (t) => {
  const { path } = await served(t);
  const address = "A4:C1:37:00:00:01";
  const first = await client(t, path);
  first.send(JSON.stringify({ op: "connect", address }));
  assert.deepEqual(await first.receive(), { event: "connected", address, mtu: 23 });
  const second = await client(t, path);
  second.send(JSON.stringify({ op: "connect", address }));
  second.send('{"op":"status"}');
  assert.equal((await second.receive()).event, "status");
  first.socket.destroy();
  assert.deepEqual(await second.receive(), { event: "connected", address, mtu: 23 });
});

test("a refused connection is reported, a cancelled one is not established", async (t) => {
  const { simulator, path } = await served(t);
  const { send, receive } = await client(t, path);
  const address = "C0:00:00:00:00:01";
  simulator.set("all", "refuse-connect:times=1");
  send(JSON.stringify({ op: "connect", address }));
  assert.deepEqual(await receive(), { event: "failed", op: "connect", address, characteristic: "", code: 0x3e });
  simulator.set(address, "occupied");
  send(JSON.stringify({ op: "connect", address }));
  send(JSON.stringify({ op: "cancel", address }));
  send(JSON.stringify({ op: "status" }));
  await receive();
  simulator.clear("all");
  send(JSON.stringify({ op: "scan", on: true }));
  const received = await receive();
  assert.equal(received.event, "advertised");
});

test("a scan for one device receives that one alone, and the next scan all of them", async (t) => {
  const { path } = await served(t);
  const { send, receive } = await client(t, path);
  const device = "C0:00:00:00:00:01";
  send(JSON.stringify({ op: "scan", on: true, device }));
  assert.deepEqual([(await receive()).address, (await receive()).address], [device, device]);
  send(JSON.stringify({ op: "scan", on: true }));
  while ((await receive()).address === device);
});

test("the socket of a killed simulator is replaced, that of a running one and any other file are kept", async (t) => {
  const path = join(await folder(t), "simulator.sock");
  const first = await serveSimulator(newAir(), path, systemClock);
  await assert.rejects(serveSimulator(newAir(), path, systemClock), {
    name: "SocketTaken",
    message: `${path} is in use: stop the simulator that listens there, or choose another path`,
  });
  await first.close();
  await assert.rejects(stat(path), { code: "ENOENT" });

  await leaveDeadSocket(path);
  const second = await serveSimulator(newAir(), path, systemClock);
  await second.close();

  const file = join(await folder(t), "notes.txt");
  await writeFile(file, "precious");
  await assert.rejects(serveSimulator(newAir(), file, systemClock), {
    name: "SocketTaken",
    message: /is not a socket/,
  });
  assert.ok((await stat(file)).isFile(), "the file is still there");
  await assert.rejects(serveSimulator(newAir(), join(file, "simulator.sock"), systemClock), { name: "SocketTaken" });
  await assert.rejects(serveSimulator(newAir(), `/tmp/${"x".repeat(120)}`, systemClock), {
    name: "SocketTaken",
    message: /too long for a socket: choose a path of at most 107 bytes/,
  });
});

/** A socket file without a listener, as a killed simulator leaves it. */
async function leaveDeadSocket(path: string): Promise<void> {
  const code = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", code]);
  assert.ok((await stat(path)).isSocket(), "a dead socket is there");
}
