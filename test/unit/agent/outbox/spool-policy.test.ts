import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../../../agent/outbox/ledger.ts";
import type { Spool } from "../../../../agent/outbox/spool/spool.ts";
import { copyToDisk, type DiskPolicy } from "../../../../agent/outbox/spool-policy.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { entryOf } from "../../../support/entry.ts";

const EPOCH = "0000000000000001";
const { run } = entryOf(1).origin;

/** A ledger whose readings the test adds and has accepted, and what is written of them. */
function scene(when: DiskPolicy["when"]) {
  const clock = virtualClock();
  const ledger = new Ledger({ bytes: 1e6, ageMs: 1e9, window: 100, messageBytes: 1e6 });
  ledger.linkUp();
  /** Numbers by write. */
  const written: number[][] = [];
  const disk = { isFull: false, isHasty: false, isClosed: false, released: 0 };
  const spool: Spool = {
    takeFound: () => [],
    newest: () => 0,
    bytes: 0,
    reached: () => written.at(-1)?.at(-1) ?? 0,
    append(entries) {
      if (!disk.isFull && entries.length > 0) written.push(entries.map(({ seq }) => seq));
    },
    hasten() {
      disk.isHasty = true;
    },
    release(oldestHeld) {
      disk.released = (oldestHeld(run) ?? Number.POSITIVE_INFINITY) - 1;
    },
    async close(entries) {
      this.append(entries);
      disk.isClosed = true;
    },
  };
  const copy = copyToDisk({ spool, when, run }, ledger, clock, silentLog);
  let seq = 0;
  return {
    clock,
    copy,
    disk,
    written,
    take(count = 1) {
      for (let i = 0; i < count; i += 1) {
        seq += 1;
        ledger.add(entryOf(seq), clock.monotonic());
        copy.review();
      }
    },
    /** The aggregator stands here with the run. */
    tell(accepted: number, settled = 0) {
      while (ledger.next());
      ledger.acknowledged({ epoch: EPOCH, run, credit: accepted, accepted, settled });
      while (ledger.next());
      ledger.acknowledged({ epoch: EPOCH, run, credit: accepted, accepted, settled });
      copy.review();
    },
  };
}

test("while readings are accepted nothing is written, however late they are settled", async () => {
  const { clock, take, tell, written } = scene("away");
  for (let minute = 1; minute <= 60; minute += 1) {
    take();
    await clock.sleep(9_000);
    tell(minute);
    await clock.sleep(51_000);
  }
  assert.deepEqual(written, []);
});

test("once one has waited 10 s everything unsettled is written in one piece, and then each as it comes", async () => {
  const { clock, take, tell, written } = scene("away");
  take(2);
  tell(2, 1);
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

test("when all is accepted nothing more is written, and what is settled may go", async () => {
  const { clock, disk, take, tell, written } = scene("away");
  take(3);
  await clock.sleep(11_000);
  assert.deepEqual(written, [[1, 2, 3]]);
  tell(2);
  take();
  tell(4, 1);
  assert.equal(disk.released, 1);
  take();
  tell(5, 4);
  assert.equal(disk.released, 4);
  assert.deepEqual(written, [[1, 2, 3], [4]]);
  take();
  await clock.sleep(11_000);
  assert.deepEqual(written.slice(2), [[5, 6]], "another outage is another time to wait");
});

test("an aggregator that accepts a trickle does not keep readings from the disk", async () => {
  const { clock, take, tell, written } = scene("away");
  for (let second = 1; second <= 16; second += 1) {
    take(4);
    tell(second);
    await clock.sleep(1_000);
  }
  assert.equal(written[0]?.[0], 1);
});

test("told that the end is near, everything unsettled is written at once, accepted or not, and what still comes", async () => {
  const { copy, disk, take, tell, written } = scene("away");
  take(3);
  tell(2, 1);
  copy.secure();
  assert.deepEqual([written, disk.isHasty], [[[2, 3]], true]);
  take();
  tell(4, 1);
  take();
  assert.deepEqual(written, [[2, 3], [4], [5]]);
  await copy.close();
  assert.deepEqual([written.length, disk.isClosed, copy.uncopied], [3, true, 0]);
  take();
  assert.equal(written.length, 3, "a closed spool is left alone");
});

test("always means each reading as it is taken", () => {
  const { take, tell, written } = scene("always");
  take(2);
  tell(2, 2);
  take();
  assert.deepEqual(written, [[1], [2], [3]]);
});

test("what a full disk did not take is written when it does", async () => {
  const { copy, disk, take, written } = scene("always");
  take();
  disk.isFull = true;
  take(2);
  assert.equal(copy.uncopied, 2);
  disk.isFull = false;
  take();
  assert.deepEqual(written, [[1], [2, 3, 4]]);
});
