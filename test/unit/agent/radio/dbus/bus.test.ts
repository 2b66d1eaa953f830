import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { type BusDeps, openBus, systemBusAddress } from "../../../../../agent/radio/dbus/bus.ts";
import { BusError } from "../../../../../agent/radio/dbus/bus-error.ts";
import type { ForeignMessage } from "../../../../../agent/radio/dbus/service-owner.ts";
import { v } from "../../../../support/dbus/message.ts";
import { createMessageBus, Refusal, type Reply, type Service } from "../../../../support/dbus/message-bus.ts";
import { until } from "../../../../support/until.ts";
import { unanswered } from "../bluez/bluez-test-setup.ts";

const SERVICE = "org.example";
const ECHO = { path: "/", interface: "org.example.Echo" };

const open = (address: string, openLimitMs?: number, ignored: BusDeps["ignored"] = () => {}) =>
  openBus({ address, service: SERVICE, ...(openLimitMs && { openLimitMs }) }, { ignored });

async function connected(t: TestContext) {
  const peer = await createMessageBus();
  const clients: string[] = [];
  const service: Service = {
    name: SERVICE,
    handle({ member, signature = "", body = [], flags }, client) {
      clients.push(client);
      if (member === "Echo") return { signature, body };
      if (member === "Flags") return { signature: "u", body: [flags] };
      if (member === "Refuse") throw new Refusal("org.example.Error.No", "no");
      return unanswered();
    },
  };
  peer.own(service);
  const bus = await open(peer.address);
  t.after(async () => {
    bus.close();
    await peer.close();
  });
  return { peer, bus, clients };
}

test("a call returns the answer, variants unwrapped", async (t) => {
  const { bus } = await connected(t);
  const body = ["text", [1, 2]];
  assert.deepEqual(await bus.call({ ...ECHO, member: "Echo", signature: "sai", body }), body);
});

test("no call starts a service that an administrator has stopped", async (t) => {
  const { bus } = await connected(t);
  assert.deepEqual(await bus.call({ ...ECHO, member: "Flags" }), [2]);
});

test("an error carries its D-Bus name", async (t) => {
  const { bus } = await connected(t);
  await assert.rejects(bus.call({ ...ECHO, member: "Refuse" }), { error: "org.example.Error.No", text: "no" });
});

test("a call that is not answered ends in time", async (t) => {
  const { bus } = await connected(t);
  await assert.rejects(bus.call({ ...ECHO, member: "Sleep", limitMs: 10 }), { error: "bus.timeout" });
});

test("pending calls fail when the bus ends, and later ones at once", async (t) => {
  const { bus, peer } = await connected(t);
  const pending = assert.rejects(bus.call({ ...ECHO, member: "Sleep" }), { error: "bus.ended" });
  await peer.kill();
  await pending;
  if (!bus.ended.aborted) await once(bus.ended, "abort");
  assert.ok(bus.ended.reason instanceof BusError);
  await assert.rejects(bus.call({ ...ECHO, member: "Echo" }), { error: "bus.ended" });
});

test("a bus that is absent, or assigns no name, is an error in time", async (t) => {
  await assert.rejects(open("unix:path=/nonexistent/bus"), { error: "bus.ended", text: /ENOENT/ });
  const name = `bms-test-${randomUUID()}`;
  const silent = createServer().listen({ path: `\0${name}` });
  t.after(() => silent.close());
  await assert.rejects(open(`unix:abstract=${name}`, 10), { error: "bus.timeout" });
});

test("incoming calls are answered, refused, or of an unknown method", async (t) => {
  const { bus, peer, clients } = await connected(t);
  bus.onCall(({ member, body }) => {
    if (member === "Twice") return Promise.resolve([Number(body[0]) * 2]);
    if (member === "Never") return Promise.reject(new BusError("org.example.Error.Never", "never"));
    return undefined;
  });
  await bus.call({ ...ECHO, member: "Echo" });
  const call = (member: string) =>
    peer.call(clients[0] ?? "", { path: "/", interface: "org.example.Ours", member, signature: "u", body: [21] });
  assert.deepEqual((await call("Twice")).body, [42]);
  assert.equal((await call("Never")).errorName, "org.example.Error.Never");
  assert.equal((await call("Other")).errorName, "org.freedesktop.DBus.Error.UnknownMethod");
});

/** A bus on which another program sends messages to the client; collects what is ignored. */
async function attacked(t: TestContext) {
  const peer = await createMessageBus();
  const ignored: ForeignMessage[] = [];
  let answer: () => Reply = () => undefined;
  const service: Service = { name: SERVICE, handle: () => answer() };
  peer.own(service);
  const users: Promise<number | undefined>[] = [];
  const bus = await open(peer.address, undefined, (message, userOf) => {
    ignored.push(message);
    users.push(userOf());
  });
  t.after(async () => {
    bus.close();
    await peer.close();
  });
  const signals: string[] = [];
  bus.onSignal(({ member }) => signals.push(member));
  await bus.match(`type='signal',sender='${SERVICE}'`);
  const [client = ""] = peer.clients;
  const answerWith = (next: () => Reply) => {
    answer = next;
  };
  /** All that was sent before has arrived with it. */
  const marked = async () => {
    const count = signals.length;
    peer.signal("/", "org.example.I", "Mark", "", []);
    await until("the mark", () => signals.length > count);
    return signals.filter((member) => member !== "Mark");
  };
  return { peer, bus, client, service, ignored, users, marked, answerWith };
}

const FORGED = { path: "/", interface: "org.example.I", member: "Forged" };
const OWNER_CHANGE = {
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "NameOwnerChanged",
  signature: "sss",
};

for (const [about, forgery] of [
  ["a signal", { kind: "signal", ...FORGED }],
  ["a signal of 8 MiB", { kind: "signal", ...FORGED, signature: "ay", body: [Buffer.alloc(2 ** 23)] }],
  ["a signal with a file descriptor that is not there", { kind: "signal", ...FORGED, signature: "h", body: [0] }],
  ["a change of the owner", { kind: "signal", ...OWNER_CHANGE, body: [SERVICE, ":0.1", ":1.666"] }],
  ["the service's end", { kind: "signal", ...OWNER_CHANGE, body: [SERVICE, ":0.1", ""] }],
  ["a call", { kind: "call", ...FORGED }],
] as const) {
  test(`another program sends ${about}: it is ignored, and the service's next signal counts`, async (t) => {
    const { peer, bus, client, ignored, users, marked } = await attacked(t);
    bus.onCall(() => assert.fail("the call arrived"));
    bus.onPresence(() => assert.fail("the owner changed"));
    const sender = peer.forge(client, forgery);
    assert.deepEqual(await marked(), []);
    assert.deepEqual(ignored, [{ kind: forgery.kind, sender, member: forgery.member }]);
    assert.deepEqual(await Promise.all(users), [65_534]);
    assert.equal(bus.isPresent, true);
  });
}

for (const [about, reply] of [
  ["a reply", { kind: "return", signature: "s", body: ["forged"] }],
  ["an error", { kind: "error", errorName: "org.example.Error.Forged", signature: "s", body: ["forged"] }],
  ["a signal with the serial of a reply", { kind: "signal", ...FORGED, signature: "s", body: ["forged"] }],
] as const) {
  test(`another program answers a call with ${about}: the service's answer counts`, async (t) => {
    const { peer, bus, client, answerWith } = await attacked(t);
    answerWith(() => {
      // The serials of a client rise by one.
      for (let replySerial = 1; replySerial < 20; replySerial++) peer.forge(client, { ...reply, replySerial });
      return { signature: "s", body: ["true"] };
    });
    assert.deepEqual(await bus.call({ ...ECHO, member: "Ask" }), ["true"]);
  });
}

test("a signal of the service that has the serial of a reply answers no call", async (t) => {
  const { peer, bus } = await attacked(t);
  const asked = bus.call({ ...ECHO, member: "Ask", limitMs: 50 });
  for (let serial = 1; serial < 20; serial++) peer.signal("/", "org.example.I", "Early", "s", ["forged"], serial);
  await assert.rejects(asked, { error: "bus.timeout" });
});

test("a message of the service that cannot be read ends the connection, with every call on it", async (t) => {
  const { peer, bus } = await attacked(t);
  const nest = (depth: number): unknown => (depth === 0 ? v("y", 1) : v("v", nest(depth - 1)));
  const asked = assert.rejects(bus.call({ ...ECHO, member: "Ask" }), { error: "bus.ended", text: /unreadable/ });
  peer.signal("/", "org.example.I", "Nested", "v", [nest(100)]);
  await asked;
  assert.equal(bus.ended.aborted, true);
});

test("a bus that refuses this user is an error at once", async (t) => {
  const name = `bms-test-${randomUUID()}`;
  const refusing = createServer((socket) => socket.write("REJECTED EXTERNAL\r\n")).listen({ path: `\0${name}` });
  t.after(() => refusing.close());
  await assert.rejects(open(`unix:abstract=${name}`), { error: "bus.ended", text: /refuses this user/ });
  await assert.rejects(open("tcp:host=localhost,port=1"), {
    error: "bus.ended",
    text: /not the address of a unix socket/,
  });
});

test("the first signal of the next owner counts, sent at once after the change, and a late one of the former does not", async (t) => {
  const { peer, client, service, ignored, marked } = await attacked(t);
  const late = { kind: "signal", ...FORGED, member: "Late" } as const;
  peer.own(undefined);
  peer.forge(client, late, ":0.1");
  peer.own(service);
  peer.signal("/", "org.example.I", "First", "", []);
  peer.forge(client, late, ":0.1");
  assert.deepEqual(await marked(), ["First"]);
  assert.deepEqual(
    ignored.map(({ sender, member }) => [sender, member]),
    [
      [":0.1", "Late"],
      [":0.1", "Late"],
    ],
  );
});

test("pending calls fail when the service leaves the bus, and its presence is known in the order of the signals", async (t) => {
  const { peer, bus, service } = await attacked(t);
  const presence: boolean[] = [];
  bus.onPresence(() => presence.push(bus.isPresent));
  const pending = assert.rejects(bus.call({ ...ECHO, member: "Ask" }), { error: /NoReply$/ });
  peer.own(undefined);
  await pending;
  peer.own(service);
  await until("the service", () => bus.isPresent);
  assert.deepEqual(presence, [false, true]);
});

test("while the service is absent, nobody speaks for it", async (t) => {
  const peer = await createMessageBus();
  let ignored = 0;
  const bus = await open(peer.address, undefined, () => (ignored += 1));
  t.after(async () => {
    bus.close();
    await peer.close();
  });
  peer.forge(peer.clients[0] ?? "", { kind: "signal", ...FORGED });
  await until("the forged signal", () => ignored > 0);
  assert.equal(bus.isPresent, false);
});

test("the address of the system bus comes from the environment, else it is the usual one", () => {
  assert.equal(systemBusAddress({}), "unix:path=/run/dbus/system_bus_socket");
  assert.equal(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/x" }), "unix:path=/x");
});
