import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { test } from "node:test";
import { createLine, visit } from "../../../../../agent/radio/sharing/lease-queue.ts";

const never = new AbortController().signal;

test("those who wait are ranked by how long they have waited, wherever they waited before", async () => {
  const line = createLine();
  const path = `\0bms-test-${randomUUID()}`;
  const server = createServer(line.join).listen({ path });
  const visits = [];
  for (const waitedMs of [10_000, 30_000, 20_000]) {
    const holder = await visit(path, waitedMs);
    assert.ok(holder);
    assert.equal(await holder.answers(5_000), true);
    visits.push(holder);
  }
  server.close();
  line.dismiss();
  assert.deepEqual(await Promise.all(visits.map((holder) => holder.dismissed(5_000, never))), [2, 0, 1]);
});

test("nobody is at home where nobody listens", async () => {
  assert.equal(await visit(`\0bms-test-${randomUUID()}`, 0), undefined);
});

test("a holder that accepts and says nothing is not taken for a living one", async () => {
  const path = `\0bms-test-${randomUUID()}`;
  const server = createServer().listen({ path });
  const holder = await visit(path, 0);
  assert.ok(holder);
  assert.equal(await holder.answers(10), false);
  assert.equal(await holder.dismissed(10, never), undefined);
  holder.socket.destroy();
  server.close();
});
