import assert from "node:assert/strict";
import { test } from "node:test";
import { shareLease } from "../../../../../agent/radio/sharing/adapter-lease.ts";
import type { Lease, Leases } from "../../../../../agent/radio/sharing/lease.ts";
import { virtualClock } from "../../../../../common/runtime/clock.ts";

const never = new AbortController().signal;

/** Leases within this process: one at a time, in the order of asking. */
function memoryLeases(): Leases {
  let last: Promise<void> = Promise.resolve();
  return {
    async acquire(signal) {
      const before = last;
      const expired = new AbortController();
      last = new Promise((resolve) => {
        expired.signal.addEventListener("abort", () => resolve());
        signal.addEventListener("abort", () => resolve());
      });
      await before;
      signal.throwIfAborted();
      const lease: Lease = {
        expired: expired.signal,
        contended: never,
        isValid: () => !expired.signal.aborted,
        release: async () => expired.abort(),
      };
      return lease;
    },
    close() {},
  };
}

/** The adapter lease of one process on a virtual clock, and the leases of another process. */
function shared() {
  const clock = virtualClock();
  const leases = memoryLeases();
  const acquiredAtMs = async () => {
    const lease = await leases.acquire(never);
    await lease.release();
    return clock.monotonic();
  };
  return { clock, adapter: shareLease(leases, clock), leases, acquiredAtMs };
}

test("uses of one process share a lease, which others get after the last", async () => {
  const { clock, adapter, acquiredAtMs } = shared();
  const first = await adapter.use(never, 0);
  const second = await adapter.use(never, 0);
  const theirs = acquiredAtMs();
  first.end(0);
  first.end(0);
  await clock.sleep(1_000);
  second.end(0);
  assert.equal(await theirs, 1_000);
});

test("a lease is kept after the last use, serves the next, and can be kept longer or shorter", async () => {
  const { clock, adapter, acquiredAtMs } = shared();
  (await adapter.use(never, 0)).end(200);
  const theirs = acquiredAtMs();
  const next = await adapter.use(never, 0);
  await clock.sleep(500);
  next.end(60_000);
  adapter.keepAtMost(90_000);
  adapter.keep(70_000);
  adapter.keepAtMost(100);
  assert.equal(await theirs, 600);
});

test("a lease that ended by itself is acquired again for the next use", async () => {
  const { adapter, leases } = shared();
  const held: Lease[] = [];
  const counted = shareLease(
    { ...leases, acquire: async (signal) => held[held.push(await leases.acquire(signal)) - 1] as Lease },
    virtualClock(),
  );
  await counted.use(never, 0);
  await held[0]?.release();
  await counted.use(never, 0);
  assert.equal(held.length, 2);
  await adapter.close();
});

test("a wait for the lease ends with the signal, and acquires nothing afterwards", async () => {
  const { adapter, leases } = shared();
  const held = await leases.acquire(never);
  const impatient = new AbortController();
  const waiting = assert.rejects(adapter.use(impatient.signal, 0), /no time/);
  impatient.abort(new Error("no time"));
  await waiting;
  await held.release();
  await (await leases.acquire(never)).release();
  await adapter.close();
});

test("closing releases the lease", async () => {
  const { adapter, leases } = shared();
  await adapter.use(never, 0);
  await adapter.close();
  await (await leases.acquire(never)).release();
});

test("a cancelled wait keeps its place in the queue for the use that follows", async () => {
  const { clock, adapter, leases, acquiredAtMs } = shared();
  const held = await leases.acquire(never);
  const impatient = new AbortController();
  const waiting = assert.rejects(adapter.use(impatient.signal, 60_000), /no time/);
  impatient.abort(new Error("no time"));
  await waiting;
  const theirs = acquiredAtMs();
  const next = adapter.use(never, 0);
  await held.release();
  const use = await next;
  await clock.sleep(300);
  use.end(0);
  assert.equal(await theirs, 300);
});
