import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { createConnections } from "../../../../viewer/web/connections.ts";

function socketFrom(remoteAddress: string) {
  const socket = Object.assign(new EventEmitter(), { remoteAddress, destroyed: false, destroy: () => {} });
  socket.destroy = () => {
    socket.destroyed = true;
    socket.emit("close");
  };
  return socket as unknown as Socket;
}

const many = (count: number, address: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => socketFrom(address(i)));

test("the oldest idle connection of a client gives way to its 129th", () => {
  const connections = createConnections();
  const sockets = many(129, () => "192.168.1.7");
  for (const [i, socket] of sockets.entries()) {
    connections.add(socket);
    if (i === 0) connections.begin(socket);
  }
  assert.deepEqual(
    sockets.flatMap(({ destroyed }, i) => (destroyed ? [i] : [])),
    [1],
  );
  assert.equal(connections.open, 128);
});

test("a client whose connections are all busy is refused, and nobody else", () => {
  const connections = createConnections();
  for (const socket of many(128, () => "192.168.1.7")) {
    connections.add(socket);
    connections.begin(socket);
  }
  const [refused, other] = [socketFrom("192.168.1.7"), socketFrom("192.168.1.8")];
  connections.add(refused);
  connections.add(other);
  assert.equal(refused.destroyed, true);
  assert.equal(other.destroyed, false);
});

test("one IPv6 network counts as one client", () => {
  const connections = createConnections();
  for (const socket of many(200, (i) => `2001:db8:1:2::${i}`)) connections.add(socket);
  assert.equal(connections.open, 128);
});

test("there are at most 256 connections", () => {
  const connections = createConnections();
  for (const socket of many(500, (i) => `10.0.${i >> 8}.${i & 255}`)) connections.add(socket);
  assert.equal(connections.open, 256);
});

test("a connection answers one request at a time", () => {
  const connections = createConnections();
  const socket = socketFrom("127.0.0.1");
  assert.equal(connections.begin(socket), false, "unknown");
  connections.add(socket);
  assert.equal(connections.begin(socket), true);
  assert.equal(connections.begin(socket), false);
  connections.end(socket);
  assert.equal(connections.begin(socket), true);
});
