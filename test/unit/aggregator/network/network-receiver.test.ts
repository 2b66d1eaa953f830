import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Dealer } from "zeromq";
import { makeRouteToken } from "../../../../common/hosts/route-token.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { decodeReply, encodeDelivery, encodeReading, withSendTime } from "../../../../common/wire/messages.ts";
import { loadZeromq } from "../../../../common/wire/zeromq.ts";
import { freePort } from "../../../support/free-port.ts";
import { agentSocket, type NetworkAggregator, networkAggregator } from "../../../support/network-aggregator.ts";
import { sendTo } from "../../../support/sender.ts";
import { until } from "../../../support/until.ts";

/** The reading `seq` of a meter. */
function delivery(meter: string, seq: number): Uint8Array {
  const origin = {
    run: Buffer.from(meter.padEnd(8)).toString("hex"),
    meter,
    device: "A4:C1:37:00:00:01",
    driver: "jbdbms",
  };
  const reading = encodeReading({ seq, takenAt: Date.now(), sample: { volts: 13 + seq / 100 } });
  return encodeDelivery(origin, { from: seq, after: seq - 1 }, [reading]);
}

async function answer(socket: Dealer) {
  const [bytes] = await socket.receive();
  assert.ok(bytes);
  return decodeReply(bytes);
}

/** Delivers a reading of the shed and waits for its acknowledgement: the honest host beside whatever else goes on. */
async function delivers(socket: Dealer, meter: string, seq: number) {
  await socket.send(delivery(meter, seq));
  for (;;) {
    const reply = await answer(socket);
    if ("accepted" in reply && reply.accepted === seq) return;
  }
}

const rejected = ({ status }: NetworkAggregator, kind: string) => status().rejected[kind] ?? 0;
const hasRow = ({ documents }: NetworkAggregator, meter: string) =>
  documents.some((text) => text.split("\n").some((row) => row.startsWith(`${meter},`)));

test("a host of the list delivers, is acknowledged and appears in the status with its meters", async (t) => {
  const aggregator = await networkAggregator(t);
  const shed = agentSocket(t, aggregator, aggregator.keys.shed);
  await delivers(shed, "pack", 1);
  await delivers(shed, "pack", 2);
  await until("its status", () => aggregator.host("shed")?.readings === 2);
  const { connections, meters } = aggregator.host("shed") ?? {};
  assert.deepEqual({ connections, meters }, { connections: 1, meters: 1 });
  assert.equal(aggregator.host("boat")?.connections, 0);
  assert.ok(hasRow(aggregator, "pack"));
});

test("the agents of this machine deliver beside it, and their meters belong to it", async (t) => {
  const aggregator = await networkAggregator(t);
  const local = sendTo(t, aggregator.local, { meter: "house" });
  local.put(1);
  await until("its row", () => hasRow(aggregator, "house"));
  assert.match(readFileSync(join(aggregator.folder, "meters"), "utf8"), /^house local$/m);
});

test("a meter of another host is refused, named and counted, until it is moved", async (t) => {
  const aggregator = await networkAggregator(t);
  const shed = agentSocket(t, aggregator, aggregator.keys.shed);
  const boat = agentSocket(t, aggregator, aggregator.keys.boat);
  await delivers(shed, "pack", 1);
  await boat.send(delivery("pack", 2));
  assert.deepEqual(await answer(boat), { run: Buffer.from("pack    ").toString("hex"), host: "boat", owner: "shed" });
  await until("the count", () => rejected(aggregator, "owner") === 1);
  assert.ok(aggregator.logged.some((line) => line.includes("sudo bmsctl hosts move pack boat")));
  appendFileSync(join(aggregator.folder, "meters"), "pack boat\n");
  await delivers(boat, "pack", 2);
  await until("the former owner is refused", async () => {
    await shed.send(delivery("pack", 3));
    return "owner" in (await answer(shed));
  });
});

test("owners outlive the program", async (t) => {
  const first = await networkAggregator(t);
  const shed = agentSocket(t, first, first.keys.shed);
  await delivers(shed, "pack", 1);
  await first.stop();
  assert.equal(readFileSync(join(first.folder, "meters"), "utf8"), "pack shed\n");
});

test("a host that is revoked loses its connection and comes in no more; the others keep theirs", async (t) => {
  const aggregator = await networkAggregator(t);
  const shed = agentSocket(t, aggregator, aggregator.keys.shed);
  const boat = agentSocket(t, aggregator, aggregator.keys.boat);
  await delivers(shed, "pack", 1);
  await delivers(boat, "bank", 1);
  await until("both", () => aggregator.host("shed")?.connections === 1 && aggregator.host("boat")?.connections === 1);
  const since = aggregator.host("boat")?.connectedSince;
  const closed = new Promise((resolve) => shed.events.on("disconnect", resolve));
  aggregator.know("boat");
  await closed;
  await until("the refusal", () => rejected(aggregator, "key") > 0);
  await delivers(boat, "bank", 2);
  assert.equal(aggregator.host("boat")?.connectedSince, since);
  assert.equal(aggregator.host("shed"), undefined);
});

const STRANGERS: readonly [
  about: string,
  kind: string,
  open: (t: TestContext, aggregator: NetworkAggregator) => Dealer,
][] = [
  ["with a key of its own", "key", (t, aggregator) => agentSocket(t, aggregator, x25519Pair())],
  [
    "with another key for the aggregator",
    "connection",
    (t, aggregator) => agentSocket(t, { ...aggregator, key: x25519Pair() }, aggregator.keys.shed),
  ],
  ["without encryption", "connection", (t, { port }) => plainSocket(t, port, {})],
  ["with a password", "connection", (t, { port }) => plainSocket(t, port, { plainUsername: "a", plainPassword: "b" })],
];

function plainSocket(t: TestContext, port: number, options: object): Dealer {
  const { Dealer } = loadZeromq();
  const socket = new Dealer({ linger: 0, reconnectInterval: 20, ...options });
  socket.connect(`tcp://127.0.0.1:${port}`);
  t.after(() => socket.close());
  return socket;
}

for (const [about, kind, open] of STRANGERS) {
  test(`a ZeroMQ client ${about} is refused and counted, and delays nobody`, async (t) => {
    const aggregator = await networkAggregator(t);
    const shed = agentSocket(t, aggregator, aggregator.keys.shed);
    const stranger = open(t, aggregator);
    stranger.send(delivery("forged", 1)).catch(() => {});
    await until("the count", () => rejected(aggregator, kind) > 0);
    await delivers(shed, "pack", 1);
    assert.ok(!hasRow(aggregator, "forged"));
  });
}

/** The route of the boat's key with the digest of the shed's. */
function inTheNameOfTheShed({ keys, key }: NetworkAggregator): string {
  const [own, other] = [keys.boat, keys.shed].map((each) =>
    Buffer.from(makeRouteToken(each, key.publicKey).slice(1), "base64url"),
  );
  assert.ok(own && other);
  const [nonce, digest] = [16, 24];
  own.set(other.subarray(nonce, digest), nonce);
  return `1${own.toString("base64url")}`;
}

const FORGED: readonly [about: string, route: (aggregator: NetworkAggregator) => string][] = [
  ["of its own choice", () => "shed"],
  ["in the name of another host", inTheNameOfTheShed],
  ["for another aggregator", ({ keys }) => makeRouteToken(keys.boat, x25519Pair().publicKey)],
];

for (const [about, route] of FORGED) {
  test(`a message of a known host by a route ${about} is dropped and counted`, async (t) => {
    const aggregator = await networkAggregator(t);
    const forger = agentSocket(t, aggregator, aggregator.keys.boat, route(aggregator));
    await forger.send(delivery("pack", 1));
    await until("the count", () => rejected(aggregator, "host") === 1);
    assert.ok(!hasRow(aggregator, "pack"));
  });
}

test("the recorded bytes of a good connection, sent again, have no effect", async (t) => {
  const aggregator = await networkAggregator(t);
  const recorded: Buffer[] = [];
  const port = await recordingProxy(t, aggregator.port, recorded);
  const shed = agentSocket(t, { ...aggregator, port }, aggregator.keys.shed);
  await delivers(shed, "pack", 1);
  const rows = aggregator.documents.length;
  const replay = connect(aggregator.port, "127.0.0.1");
  replay.on("error", () => {}).resume();
  replay.write(Buffer.concat(recorded));
  await once(replay, "close");
  await until("the count", () => rejected(aggregator, "connection") > 0);
  await delivers(shed, "pack", 2);
  assert.equal(aggregator.documents.length, rows + 1);
});

async function recordingProxy(t: TestContext, target: number, recorded: Buffer[]): Promise<number> {
  const port = await freePort();
  const server = createServer((socket) => {
    const upstream = connect(target, "127.0.0.1");
    socket.on("data", (chunk) => recorded.push(chunk));
    socket.pipe(upstream).pipe(socket);
    for (const each of [socket, upstream]) each.on("error", () => {});
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return port;
}

/** Opens connections that say nothing, or begin a handshake and stop. */
async function silent(t: TestContext, port: number, count: number, first: Uint8Array): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    await once(socket, "connect");
    if (first.length > 0) socket.write(first);
    sockets.push(socket);
  }
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return sockets;
}

const SIGNATURE = Buffer.from("ff00000000000000017f03", "hex");

test("1,000 connections that say nothing, or stop in their handshake, displace each other and delay nobody", async (t) => {
  const aggregator = await networkAggregator(t);
  const early = agentSocket(t, aggregator, aggregator.keys.shed);
  await delivers(early, "pack", 1);
  await silent(t, aggregator.port, 500, Buffer.alloc(0));
  await silent(t, aggregator.port, 500, SIGNATURE);
  await delivers(early, "pack", 2);
  await delivers(agentSocket(t, aggregator, aggregator.keys.boat), "bank", 1);
  await until("the count", () => rejected(aggregator, "connections") >= 900);
  assert.equal(aggregator.host("shed")?.connections, 1);
});

test("clients that hang up at any moment of their handshake leave the aggregator running", async (t) => {
  const aggregator = await networkAggregator(t);
  for (let pieces = 1; pieces <= 5; pieces += 1) {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { port, hungUp } = await hangingUpProxy(t, aggregator.port, pieces);
      const socket = agentSocket(t, { ...aggregator, port }, aggregator.keys.boat);
      socket.send(delivery("bank", 1)).catch(() => {});
      await hungUp;
      socket.close();
    }
  }
  await delivers(agentSocket(t, aggregator, aggregator.keys.shed), "pack", 1);
});

/** Passes on a number of pieces of what its one client sends, and hangs up right after the last one. */
async function hangingUpProxy(t: TestContext, target: number, pieces: number) {
  const port = await freePort();
  const server = createServer();
  const hungUp = new Promise<void>((resolve) => {
    server.once("connection", (socket) => {
      server.close();
      const upstream = connect(target, "127.0.0.1");
      let seen = 0;
      const end = () => {
        upstream.end();
        socket.destroy();
        resolve();
      };
      socket.on("data", (chunk) => {
        seen += 1;
        upstream.write(chunk, () => seen >= pieces && end());
      });
      upstream.pipe(socket);
      for (const each of [socket, upstream]) each.on("error", () => {}).on("close", end);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { port, hungUp };
}

test("a host whose clock differs is named with the direction and the seconds", async (t) => {
  const aggregator = await networkAggregator(t);
  const shed = agentSocket(t, aggregator, aggregator.keys.shed);
  for (let seq = 1; seq <= 16; seq += 1) await shed.send(withSendTime(delivery("pack", seq), Date.now() - 73_000));
  await until("the log", () => aggregator.logged.some((line) => /host "shed" is 73 s behind this one/.test(line)));
  await until("the status", () => (aggregator.host("shed")?.clockAheadMs ?? 0) < -72_000);
});
