import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { openBus, systemBusAddress } from "../../../../../agent/radio/dbus/bus.ts";
import { BusError } from "../../../../../agent/radio/dbus/bus-error.ts";
import { createMessageBus, Refusal, type Service } from "../../../../support/dbus/message-bus.ts";
import { unanswered } from "../bluez/bluez-test-setup.ts";

const ECHO = { destination: "org.example", path: "/", interface: "org.example.Echo" };

async function connected(t: TestContext) {
  const peer = await createMessageBus();
  const clients: string[] = [];
  const service: Service = {
    name: "org.example",
    handle({ member, signature = "", body = [], flags }, client) {
      clients.push(client);
      if (member === "Echo") return { signature, body };
      if (member === "Flags") return { signature: "u", body: [flags] };
      if (member === "Refuse") throw new Refusal("org.example.Error.No", "no");
      return unanswered();
    },
  };
  peer.own(service);
  const bus = await openBus(peer.address);
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
  await assert.rejects(openBus("unix:path=/nonexistent/bus"), { error: "bus.ended", text: /ENOENT/ });
  const name = `bms-test-${randomUUID()}`;
  const silent = createServer().listen({ path: `\0${name}` });
  t.after(() => silent.close());
  await assert.rejects(openBus(`unix:abstract=${name}`, 10), { error: "bus.timeout" });
});

test("incoming calls are answered, refused, or left to the library", async (t) => {
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

test("the address of the system bus comes from the environment, else it is the usual one", () => {
  assert.equal(systemBusAddress({}), "unix:path=/run/dbus/system_bus_socket");
  assert.equal(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/x" }), "unix:path=/x");
});
