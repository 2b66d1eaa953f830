import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createGate, type GateLimits } from "../../../../aggregator/endpoint/gate.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const GREETING = Buffer.alloc(64);
GREETING.set(Buffer.from("ff00000000000000017f03004e554c4c", "hex"));
/** A message of one byte in one frame. */
const MESSAGE = Buffer.from("000142", "hex");

/** A gate for three clients in front of a server that sends everything back. */
async function setUp(t: TestContext, changed: Partial<GateLimits> = {}) {
  const folder = await temporaryFolder(t);
  const [inner, outer] = [join(folder, "inner"), join(folder, "outer")];
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(inner);
  await once(server, "listening");
  t.after(() => server.close());
  const rejected: string[] = [];
  const gate = createGate(
    inner,
    { connections: 3, frameBytes: 1_000, displaced: "quietest", ...changed },
    (kind) => void rejected.push(kind),
  );
  await gate.listen(outer);
  t.after(gate.close);
  const client = async (): Promise<Socket> => {
    const socket = connect(outer).on("error", () => {});
    t.after(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  return { client, rejected, gate };
}

/** Sends bytes and resolves when as many have come back. */
async function exchange(socket: Socket, ...parts: Buffer[]): Promise<Buffer> {
  const bytes = Buffer.concat(parts);
  socket.write(bytes);
  let back = Buffer.alloc(0);
  while (back.length < bytes.length) back = Buffer.concat([back, (await once(socket, "data"))[0]]);
  return back;
}

test("what is sound passes both ways", async (t) => {
  const { client, rejected } = await setUp(t);
  const bytes = Buffer.concat([GREETING, ...Array(100).fill(MESSAGE)]);
  assert.deepEqual(await exchange(await client(), bytes), bytes);
  assert.equal(rejected.length, 0);
});

test("clients without a message displace each other, the oldest first, and not one that delivers", async (t) => {
  const { client, rejected } = await setUp(t);
  const agent = await client();
  await exchange(agent, GREETING, MESSAGE);
  const silent: Socket[] = [];
  for (let i = 0; i < 20; i += 1) {
    const one = await client();
    await exchange(one, GREETING);
    silent.push(one);
  }
  await Promise.all(silent.slice(0, -2).map((socket) => socket.closed || once(socket.resume(), "close")));
  assert.deepEqual(rejected, Array(18).fill("connections"));
  assert.deepEqual(await exchange(agent, MESSAGE), MESSAGE);
  for (const socket of silent.slice(-2)) assert.deepEqual(await exchange(socket, MESSAGE), MESSAGE);
});

test("a message of several frames closes its connection, and nothing of it passes", async (t) => {
  const { client, rejected } = await setUp(t);
  const socket = await client();
  await exchange(socket, GREETING);
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  socket.write(Buffer.from("0101420001ff", "hex"));
  await once(socket, "close");
  assert.deepEqual([rejected, received.length], [["frames"], 0]);
});

const closed = (socket: Socket) => socket.closed || once(socket.resume(), "close");

test("where speakers stay, a new client displaces a silent one, or else is closed itself", async (t) => {
  const { client, gate, rejected } = await setUp(t, { displaced: "silent" });
  const speakers = [await client(), await client()];
  for (const speaker of speakers) await exchange(speaker, GREETING, MESSAGE);
  const silent = await client();
  await exchange(silent, GREETING);
  const third = await client();
  await closed(silent);
  await exchange(third, GREETING, MESSAGE);
  assert.equal(gate.speakers, 3);
  await closed(await client());
  for (const speaker of [...speakers, third]) assert.deepEqual(await exchange(speaker, MESSAGE), MESSAGE);
  assert.deepEqual(rejected, ["connections", "connections"]);
});

test("a client that sends more messages than it may is closed, and nothing of the rest passes", async (t) => {
  const { client, rejected } = await setUp(t, { messages: 5 });
  const socket = await client();
  await exchange(socket, GREETING, ...Array(5).fill(MESSAGE));
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  socket.write(MESSAGE);
  await once(socket, "close");
  assert.deepEqual([rejected, received.length], [["messages"], 0]);
});

test("what is sent beyond the rate waits, and arrives whole", async (t) => {
  const { client, rejected } = await setUp(t, { bytesPerSecond: 1_000_000 });
  const bytes = Buffer.concat([GREETING, ...Array(100_000).fill(MESSAGE)]);
  assert.deepEqual(await exchange(await client(), bytes), bytes);
  assert.equal(rejected.length, 0);
});
