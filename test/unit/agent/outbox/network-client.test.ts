import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { curveKeyPair, Router } from "zeromq";
import type { LinkEvents } from "../../../../agent/outbox/link.ts";
import { connectOverNetwork } from "../../../../agent/outbox/network-client.ts";
import { verifyRouteToken } from "../../../../common/hosts/route-token.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { createCondition } from "../../../../common/runtime/condition.ts";
import { decodeDelivery, encodeDelivery } from "../../../../common/wire/messages.ts";
import { reach } from "../../../../common/wire/reach.ts";
import { entryOf } from "../../../support/entry.ts";

const HOUSE = curveKeyPair();
const SHED = curveKeyPair();
const MESSAGE = encodeDelivery(entryOf(1).origin, { from: 1, after: 0 }, []);

/** The aggregator's side of an encrypted link. */
async function listen(t: TestContext, address = "tcp://127.0.0.1:*", zapDomain: string | null = null) {
  const router = new Router({ linger: 0, curveServer: true, curveSecretKey: HOUSE.secretKey, handover: true });
  if (zapDomain) router.zapDomain = zapDomain;
  t.after(() => router.close());
  await router.bind(address);
  return { router, endpoint: router.lastEndpoint ?? "" };
}

/** A link that records its events, and does not pause between attempts. */
function linkTo(t: TestContext, endpoint: string, aggregator = HOUSE.publicKey, reachWith = reach) {
  const seen: string[] = [];
  const changed = createCondition();
  const note = (event: string) => {
    seen.push(event);
    changed.notify();
  };
  const events: LinkEvents = {
    up: () => note("up"),
    down: () => note("down"),
    message: (bytes) => note(`message ${Buffer.from(bytes)}`),
    refused: (fault) => note(`refused: ${fault}`),
    unreachable: (fault) => note(`unreachable: ${fault}`),
  };
  const clock = { ...systemClock, sleep: async () => {} };
  const keys = { own: SHED, aggregator };
  const link = connectOverNetwork(endpoint, events, { clock, keys, reach: reachWith });
  t.after(() => link.close());
  return {
    link,
    seen,
    async until(event: RegExp, count = 1) {
      while (seen.filter((each) => event.test(each)).length < count) await changed.wait();
    },
  };
}

test("messages travel both ways; the routing id proves the host, and a message carries the sender's clock", async (t) => {
  const { router, endpoint } = await listen(t);
  const { link, until } = linkTo(t, endpoint);
  const before = Date.now();
  await link.send(MESSAGE);
  const [route = new Uint8Array(), message = new Uint8Array()] = await router.receive();
  assert.equal(verifyRouteToken(route, HOUSE, [{ name: "shed", publicKey: SHED.publicKey }])?.name, "shed");
  const { sent = 0, ...delivery } = decodeDelivery(message);
  assert.ok(sent >= before && sent <= Date.now());
  assert.deepEqual(delivery, decodeDelivery(MESSAGE));
  await router.send([route, "answer"]);
  await until(/^message answer$/);
});

test("the link comes back after the aggregator did, at another address, with the same routing id", async (t) => {
  const first = await listen(t, "tcp://127.0.0.1:*");
  const port = first.endpoint.split(":").at(-1);
  let address = "127.0.0.1";
  const { link, until } = linkTo(t, `tcp://house:${port}`, HOUSE.publicKey, async () => ({ address }));
  await link.send(MESSAGE);
  const [route] = await first.router.receive();
  address = "127.0.0.2";
  const second = await listen(t, `tcp://127.0.0.2:${port}`);
  first.router.close();
  await until(/^up$/, 2);
  await link.send(MESSAGE);
  assert.deepEqual((await second.router.receive())[0], route);
});

test("another key of the aggregator is reported, and nothing is sent", async (t) => {
  const { endpoint } = await listen(t);
  const { seen, until } = linkTo(t, endpoint, curveKeyPair().publicKey);
  await until(/^refused: the program there has another key than BMS_AGGREGATOR_KEY/);
  assert.ok(!seen.includes("up"));
});

test("a host that the aggregator does not know is told apart, and admitted without a restart", async (t) => {
  const zap = new Router({ linger: 0 });
  t.after(() => zap.close());
  await zap.bind("inproc://zeromq.zap.01");
  let status = "400";
  void (async () => {
    for await (const [route = "", , version = "", request = ""] of zap)
      await zap.send([route, "", version, request, status, "", "", ""]);
  })();
  const { endpoint } = await listen(t, "tcp://127.0.0.1:*", "test");
  const { until } = linkTo(t, endpoint);
  await until(/^refused: the aggregator does not know this host, or its key was revoked$/);
  status = "200";
  await until(/^up$/);
});

test("a program that is not an aggregator", async (t) => {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const { until } = linkTo(t, `tcp://127.0.0.1:${port}`);
  await until(/^refused: .* or is not a bms-aggregator$/);
});

test("an address where nothing listens, and a name that is not known", async (t) => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  await linkTo(t, `tcp://127.0.0.1:${port}`).until(/^unreachable: nothing listens there$/);
  const { signal } = new AbortController();
  const nowhere = await reach({ host: "house.invalid", port: 1 }, { clock: systemClock, signal });
  assert.match("fault" in nowhere ? nowhere.fault : "", /^the name (is not known|cannot be looked up now)$/);
});
