import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../../agent/outbox/entry.ts";
import { Ledger } from "../../../../agent/outbox/ledger.ts";
import type { Spool } from "../../../../agent/outbox/spool/spool.ts";
import { persist, type SpoolWhen } from "../../../../agent/outbox/spool-policy.ts";
import { ReadingStore } from "../../../../agent/outbox/store.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { entryOf } from "../../../support/entry.ts";

const EPOCH = "0000000000000001";
const { run } = entryOf(1).origin;

/** A ledger whose readings the test adds and acknowledges, over a simulated spool. */
function setUp(when: SpoolWhen) {
  const clock = virtualClock();
  /** Numbers by write. */
  const written: number[][] = [];
  const disk = { isFull: false, isSyncedSoon: false, isClosed: false, released: 0 };
  const spool: Spool = {
    load: () => [],
    bytes: 0,
    reached: () => written.at(-1)?.at(-1) ?? 0,
    append(entries) {
      const seqs = [...entries].map(({ seq }) => seq);
      if (!disk.isFull && seqs.length > 0) written.push(seqs);
    },
    read: (_, seq) => entryOf(seq),
    rewrite() {},
    oldest: () => undefined,
    syncSoon() {
      disk.isSyncedSoon = true;
    },
    release(_, below) {
      disk.released = below - 1;
    },
    async close() {
      disk.isClosed = true;
    },
  };
  const store = new ReadingStore({ disk: spool });
  const ledger = new Ledger({ window: 100, messageBytes: 1e6 }, store);
  ledger.linkUp();
  const persisted = persist(when, { store, ledger, clock, log: silentLog });
  let seq = 0;
  return {
    clock,
    persisted,
    store,
    disk,
    written,
    take(count = 1) {
      for (let i = 0; i < count; i += 1) {
        seq += 1;
        const entry: Entry = entryOf(seq);
        store.add(entry, clock.monotonic());
        ledger.add(entry);
      }
    },
    acknowledge(accepted: number, settled = 0) {
      while (ledger.next());
      ledger.acknowledged({ epoch: EPOCH, run, credit: accepted, accepted, settled });
      while (ledger.next());
      ledger.acknowledged({ epoch: EPOCH, run, credit: accepted, accepted, settled });
    },
  };
}

test("while readings are accepted nothing is written, however late they are settled", async () => {
  const { clock, take, acknowledge, written } = setUp("away");
  for (let minute = 1; minute <= 60; minute += 1) {
    take();
    await clock.sleep(9_000);
    acknowledge(minute);
    await clock.sleep(51_000);
  }
  assert.deepEqual(written, []);
});

test("once a reading has waited 10 s everything unsettled is written at once, and then each as it comes", async () => {
  const { clock, take, acknowledge, written } = setUp("away");
  take(2);
  acknowledge(2, 1);
  take();
  await clock.sleep(9_000);
  take();
  assert.deepEqual(written, []);
  await clock.sleep(2_000);
  assert.deepEqual(written, [[2, 3, 4]]);
  take();
  take();
  assert.deepEqual(written, [[2, 3, 4], [5], [6]]);
});

test("when all is accepted nothing more is written, and settled readings are released", async () => {
  const { clock, disk, take, acknowledge, written } = setUp("away");
  take(3);
  await clock.sleep(11_000);
  assert.deepEqual(written, [[1, 2, 3]]);
  acknowledge(2);
  take();
  acknowledge(4, 1);
  assert.equal(disk.released, 1);
  take();
  acknowledge(5, 4);
  assert.equal(disk.released, 4);
  assert.deepEqual(written, [[1, 2, 3], [4]]);
  take();
  await clock.sleep(11_000);
  assert.deepEqual(written.slice(2), [[5, 6]], "another outage is another time to wait");
});

test("an aggregator that accepts a trickle does not keep readings from the disk", async () => {
  const { clock, take, acknowledge, written } = setUp("away");
  for (let second = 1; second <= 16; second += 1) {
    take(4);
    acknowledge(second);
    await clock.sleep(1_000);
  }
  assert.equal(written[0]?.[0], 1);
});

test("flushing writes everything unsettled at once, accepted or not, and everything after it", async () => {
  const { persisted, store, disk, take, acknowledge, written } = setUp("away");
  take(3);
  acknowledge(2, 1);
  persisted.flush();
  assert.deepEqual([written, disk.isSyncedSoon], [[[2, 3]], true]);
  take();
  acknowledge(4, 1);
  take();
  assert.deepEqual(written, [[2, 3], [4], [5]]);
  persisted.stop();
  assert.deepEqual([written.length, store.onlyInMemory], [3, 0]);
  take();
  assert.equal(written.length, 3, "a closed spool is left alone");
});

test("always writes each reading as it is taken", () => {
  const { take, acknowledge, written } = setUp("always");
  take(2);
  acknowledge(2, 2);
  take();
  assert.deepEqual(written, [[1], [2], [3]]);
});

test("readings that a full disk did not take are written when there is room", async () => {
  const { store, disk, take, written } = setUp("always");
  take();
  disk.isFull = true;
  take(2);
  assert.equal(store.onlyInMemory, 2);
  disk.isFull = false;
  take();
  assert.deepEqual(written, [[1], [2, 3, 4]]);
});
