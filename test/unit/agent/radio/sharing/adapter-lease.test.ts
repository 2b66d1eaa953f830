import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { shareAdapter } from "../../../../../agent/radio/sharing/adapter-lease.ts";
import { turnsAt } from "../../../../../agent/radio/sharing/lease.ts";
import { never } from "../bluez/bluez-test-setup.ts";

/** One process' use of an adapter, and another process' turns at it. */
function shared() {
  const thing = `test ${randomUUID()}`;
  return { use: shareAdapter(turnsAt(thing)), others: turnsAt(thing) };
}

test("uses of one process share a turn, which others get after the last", async () => {
  const { use, others } = shared();
  const first = await use.begin(never, 0);
  const second = await use.begin(never, 0);
  let isOthers = false;
  const theirs = others.take(never).then((turn) => {
    isOthers = true;
    return turn.release();
  });
  first.end(0);
  first.end(0);
  assert.equal(isOthers, false);
  second.end(0);
  await theirs;
});

test("a turn that is kept serves the next use, and is let go when told so", async () => {
  const { use, others } = shared();
  (await use.begin(never, 0)).end(60_000);
  const next = await use.begin(never, 0);
  next.end(60_000);
  use.keepAtMost(90_000);
  use.keep(70_000);
  use.keepAtMost(1);
  await (await others.take(never)).release();
});

test("waiting for the turn ends with the signal, and takes nothing afterwards", async () => {
  const { use, others } = shared();
  const held = await others.take(never);
  const impatient = new AbortController();
  const waiting = assert.rejects(use.begin(impatient.signal, 0), /no time/);
  impatient.abort(new Error("no time"));
  await waiting;
  await held.release();
  await (await others.take(never)).release();
  await use.close();
});

test("the end of the process' use ends its turn", async () => {
  const { use, others } = shared();
  await use.begin(never, 0);
  await use.close();
  await (await others.take(never)).release();
});

test("waiting that is given up keeps its place for the use that follows", async () => {
  const { use, others } = shared();
  const held = await others.take(never);
  const impatient = new AbortController();
  const waiting = assert.rejects(use.begin(impatient.signal, 60_000), /no time/);
  impatient.abort(new Error("no time"));
  await waiting;
  const next = use.begin(never, 0);
  await held.release();
  (await next).end(0);
  await use.close();
});
