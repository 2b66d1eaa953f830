import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerBounds } from "../../../../agent/outbox/bounds.ts";
import { Ledger } from "../../../../agent/outbox/ledger.ts";
import type { Acknowledgement } from "../../../../common/wire/messages.ts";
import { entryOf, inShort } from "../../../support/entry.ts";
import { add, ledgerOf, restore } from "../../../support/ledger.ts";

const EPOCH = "0000000000000001";
const NEXT_EPOCH = "0000000000000002";
const RUN = entryOf(1).origin.run;
const OLD_RUN = "aaaaaaaaaaaaaaaa";
const OTHER_RUN = "bbbbbbbbbbbbbbbb";

const ack = (changed: Partial<Acknowledgement>): Acknowledgement => ({
  epoch: EPOCH,
  run: RUN,
  credit: 0,
  accepted: 0,
  settled: 0,
  ...changed,
});
const upTo = (seq: number, changed: Partial<Acknowledgement> = {}) =>
  ack({ credit: seq, accepted: seq, settled: seq, ...changed });

/** Every message that may be sent now. */
function drain(ledger: Ledger): (string | undefined)[] {
  const messages: (string | undefined)[] = [];
  for (let message = ledger.next(); message; message = ledger.next()) messages.push(inShort(message));
  return messages;
}

/** A ledger with readings 1 … `count` and a link over which the aggregator has acknowledged nothing. */
function talking(count: number, bounds: Partial<LedgerBounds> = {}): Ledger {
  const ledger = ledgerOf(bounds);
  for (let seq = 1; seq <= count; seq += 1) add(ledger, entryOf(seq));
  ledger.linkUp();
  assert.deepEqual(drain(ledger), count > 0 ? ["ask 1"] : []);
  ledger.acknowledged(ack({}));
  return ledger;
}

test("without a link nothing is sent; over a new one the state of the run is requested first", () => {
  const ledger = ledgerOf();
  ledger.linkUp();
  assert.deepEqual(drain(ledger), []);
  ledger.linkDown();
  add(ledger, entryOf(1));
  assert.deepEqual(drain(ledger), []);
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 1"]);
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), ["from 1 after 0: 1"]);
  assert.deepEqual(drain(ledger), []);
});

test("waiting readings share a message, as far as its size and the window allow", () => {
  assert.deepEqual(drain(talking(3)), ["from 1 after 0: 1 2 3"]);
  assert.deepEqual(drain(talking(6)), ["from 1 after 0: 1 2 3 4", "ask 1 show 6"]);
  const { bytes } = entryOf(1);
  assert.deepEqual(drain(talking(4, { messageBytes: 2 * bytes.length })), [
    "from 1 after 0: 1 2",
    "from 1 after 2: 3 4",
  ]);
  assert.deepEqual(drain(talking(2, { messageBytes: 1 })), ["from 1 after 0: 1", "from 1 after 1: 2"]);
});

test("a full window waits until there is credit, and nothing is dropped", () => {
  const ledger = talking(6);
  drain(ledger);
  assert.equal(ledger.inFlight, 4);
  ledger.acknowledged(ack({ credit: 1 }));
  assert.deepEqual(drain(ledger), ["from 1 after 4: 5"]);
  ledger.acknowledged(ack({ credit: 5 }));
  assert.deepEqual(drain(ledger), ["from 1 after 5: 6"]);
  assert.deepEqual([ledger.backlog, ledger.unsettled, ledger.dropped], [6, 6, 0]);
});

test("accepted readings leave the backlog and stay until they are settled", () => {
  const ledger = talking(3);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 3, accepted: 2 }));
  assert.deepEqual([ledger.backlog, ledger.unsettled], [1, 3]);
  ledger.acknowledged(ack({ credit: 3, accepted: 3, settled: 2 }));
  assert.deepEqual([ledger.backlog, ledger.unsettled], [0, 1]);
  add(ledger, entryOf(4));
  assert.deepEqual(drain(ledger), ["from 3 after 3: 4"]);
});

test("an aggregator that has forgotten the run gets again what it lacks, and nothing that is settled", () => {
  const ledger = talking(3);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 3, accepted: 3, settled: 1 }));
  ledger.acknowledged(ack({ credit: 1, accepted: 1, settled: 1 }));
  assert.deepEqual([ledger.backlog, ledger.unsettled], [2, 2]);
  assert.deepEqual(drain(ledger), ["from 2 after 1: 2 3"]);
});

test("credit that is taken back alone, because an output is no longer slow, repeats nothing", () => {
  const ledger = talking(3);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 3 }));
  ledger.acknowledged(ack({ credit: 1 }));
  assert.deepEqual(drain(ledger), []);
  assert.equal(ledger.inFlight, 2);
});

test("in another epoch everything unsettled is sent again, oldest first", () => {
  const ledger = talking(4);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 4, accepted: 4, settled: 1 }));
  add(ledger, entryOf(5));
  ledger.acknowledged(ack({ epoch: NEXT_EPOCH, credit: 1, accepted: 1, settled: 1 }));
  assert.equal(ledger.backlog, 4);
  assert.deepEqual(drain(ledger), ["from 2 after 1: 2 3 4 5"]);
});

test("another epoch in the acknowledgement of one run counts for all runs", () => {
  const ledger = ledgerOf();
  add(ledger, entryOf(1, { run: OLD_RUN }));
  add(ledger, entryOf(1));
  ledger.linkUp();
  drain(ledger);
  ledger.acknowledged(upTo(0, { run: OLD_RUN }));
  ledger.acknowledged(upTo(0));
  drain(ledger);
  ledger.acknowledged(ack({ credit: 1, accepted: 1 }));
  ledger.acknowledged(ack({ run: OLD_RUN, credit: 1, accepted: 1 }));
  ledger.acknowledged(ack({ run: OLD_RUN, epoch: NEXT_EPOCH }));
  assert.deepEqual(drain(ledger), ["from 1 after 0: 1", "from 1 after 0: 1"]);
});

test("after a lost link sending goes on from the aggregator's state", () => {
  const ledger = talking(4);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 1, accepted: 1 }));
  ledger.linkDown();
  add(ledger, entryOf(5));
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 1"]);
  ledger.acknowledged(ack({ credit: 3, accepted: 3 }));
  assert.deepEqual(drain(ledger), ["from 1 after 3: 4 5"]);
});

test("over a new link the state is requested even if all is accepted, because the epoch may have changed", () => {
  const ledger = talking(1);
  drain(ledger);
  ledger.acknowledged(ack({ credit: 1, accepted: 1 }));
  ledger.linkDown();
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 1"]);
  ledger.acknowledged(ack({ epoch: NEXT_EPOCH }));
  assert.deepEqual(drain(ledger), ["from 1 after 0: 1"]);
});

test("states requested over the same link: readings without credit are sent again", () => {
  const ledger = talking(2);
  drain(ledger);
  ledger.requestStates();
  assert.deepEqual(drain(ledger), ["ask 1"]);
  ledger.acknowledged(ack({ credit: 1 }));
  assert.deepEqual(drain(ledger), ["from 1 after 1: 2"]);
});

test("no more states are requested at a time than the window allows, because ZeroMQ drops answers beyond its queue", () => {
  const ledger = ledgerOf({ window: 2 });
  for (const run of [OLD_RUN, RUN, OTHER_RUN]) restore(ledger, entryOf(1, { run }));
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 1", "ask 1"]);
  ledger.acknowledged(ack({ run: OLD_RUN }));
  assert.deepEqual(drain(ledger), ["ask 1", "from 1 after 0: 1"]);
});

test("a stalled run is requested again at the second check, whatever arrives of others", () => {
  const ledger = ledgerOf();
  restore(ledger, entryOf(5, { run: OLD_RUN }));
  add(ledger, entryOf(1));
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 5", "ask 1"]);
  for (const seq of [1, 2, 3]) {
    ledger.acknowledged(upTo(seq - 1));
    add(ledger, entryOf(seq + 1));
    drain(ledger);
    assert.ok(ledger.isPending);
    ledger.requestStalled("delivery");
    assert.deepEqual(drain(ledger), seq === 1 ? [] : ["ask 5"], `check ${seq}`);
  }
  ledger.acknowledged(ack({ run: OLD_RUN, credit: 4, accepted: 4 }));
  assert.deepEqual(drain(ledger), ["from 5 after 4: 5"]);
});

test("a run whose state has arrived since the last check has time until the check after the next", () => {
  const ledger = ledgerOf();
  add(ledger, entryOf(1));
  ledger.linkUp();
  drain(ledger);
  ledger.requestStalled("delivery");
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), ["from 1 after 0: 1"]);
  ledger.requestStalled("delivery");
  assert.deepEqual(drain(ledger), []);
  ledger.requestStalled("delivery");
  assert.deepEqual(drain(ledger), ["ask 1"]);
});

test("a run of which nothing is settled is requested again at the second check, whatever is settled of others", () => {
  const ledger = ledgerOf();
  restore(ledger, entryOf(5, { run: OLD_RUN }));
  add(ledger, entryOf(1));
  ledger.linkUp();
  drain(ledger);
  ledger.acknowledged(ack({ run: OLD_RUN, credit: 5, accepted: 5, settled: 4 }));
  for (const seq of [1, 2, 3]) {
    ledger.acknowledged(upTo(seq - 1));
    add(ledger, entryOf(seq + 1));
    drain(ledger);
    ledger.requestStalled("settling");
    assert.deepEqual(drain(ledger), seq === 1 ? [] : ["ask 5"], `check ${seq}`);
    ledger.acknowledged(ack({ run: OLD_RUN, credit: 5, accepted: 5, settled: 4 }));
  }
});

test("readings of another meter, device or driver do not share a message", () => {
  const ledger = ledgerOf({ window: 9 });
  add(ledger, entryOf(1, { driver: "unknown" }));
  add(ledger, entryOf(2));
  add(ledger, entryOf(3));
  add(ledger, entryOf(4, { meter: "solar" }));
  add(ledger, entryOf(5, { meter: "solar", device: "C0:00:00:00:00:01" }));
  ledger.linkUp();
  drain(ledger);
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), [
    "from 1 after 0: 1",
    "from 1 after 1: 2 3",
    "from 1 after 3: 4",
    "from 1 after 4: 5",
  ]);
});

test("a dropped reading is counted, and not waited for", () => {
  const ledger = talking(5);
  drain(ledger);
  ledger.drop(RUN, 1);
  ledger.dropUpTo(RUN, 2);
  assert.deepEqual([ledger.unsettled, ledger.dropped, ledger.backlog], [3, 2, 3]);
  assert.deepEqual(drain(ledger), ["from 3 after 4: 5"]);
  ledger.acknowledged(upTo(5));
  assert.deepEqual([ledger.unsettled, ledger.dropped], [0, 2]);
});

test("readings of an earlier run are sent first, and may be settled although this run never sent them", () => {
  const ledger = ledgerOf();
  for (const seq of [7, 8, 9]) restore(ledger, entryOf(seq, { run: OLD_RUN }));
  add(ledger, entryOf(1));
  ledger.linkUp();
  assert.deepEqual(drain(ledger), ["ask 7", "ask 1"]);
  ledger.acknowledged(ack({ run: OLD_RUN, credit: 8, accepted: 8, settled: 7 }));
  assert.equal(ledger.oldestHeld(OLD_RUN), 8);
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), ["from 8 after 8: 9", "from 1 after 0: 1"]);
});

test("readings of a source that has lost some are sent without these", () => {
  const lost = new Set([1, 2, 4]);
  const released: number[] = [];
  const ledger = new Ledger(
    { window: 9, messageBytes: 1_000 },
    {
      read: (_, seq) => (lost.has(seq) ? undefined : entryOf(seq)),
      release: (_, below) => released.push(below),
    },
  );
  for (const seq of [1, 2, 3, 4, 5]) ledger.add(entryOf(seq));
  ledger.linkUp();
  drain(ledger);
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), ["from 3 after 2: 3 5"]);
  assert.deepEqual([ledger.dropped, ledger.unsettled, ledger.backlog], [3, 2, 2]);
  assert.equal(released.at(-1), 3);
});

test("readings with a provisional time wait until it is final", () => {
  const ledger = ledgerOf();
  add(ledger, entryOf(1));
  ledger.holdProvisional();
  add(ledger, { ...entryOf(2), isProvisional: true });
  ledger.linkUp();
  drain(ledger);
  ledger.acknowledged(ack({}));
  assert.deepEqual(drain(ledger), ["from 1 after 0: 1"]);
  assert.deepEqual([ledger.backlog, ledger.wasSent(entryOf(1)), ledger.wasSent(entryOf(2))], [2, true, false]);
  ledger.releaseProvisional();
  assert.deepEqual(drain(ledger), ["from 1 after 1: 2"]);
});

test("readings that were never sent cannot be settled by any acknowledgement", () => {
  const ledger = talking(6);
  drain(ledger);
  ledger.acknowledged(upTo(1_000_000));
  assert.deepEqual([ledger.unsettled, ledger.backlog], [2, 2]);
  ledger.acknowledged(upTo(3, { run: OLD_RUN }));
  assert.deepEqual(drain(ledger), ["from 5 after 4: 5 6"]);
});

test("an answer is pending from the first message until the aggregator answers", () => {
  const ledger = ledgerOf();
  ledger.linkUp();
  assert.ok(!ledger.isAwaiting);
  add(ledger, entryOf(1));
  drain(ledger);
  assert.ok(ledger.isAwaiting);
  ledger.acknowledged(ack({}));
  assert.ok(!ledger.isAwaiting);
  ledger.linkDown();
  assert.ok(ledger.isAwaiting, "a backlog without a link waits for an aggregator");
});

test("observers are called after each change, in their order", () => {
  const ledger = ledgerOf();
  const seen: string[] = [];
  for (const name of ["a", "b"]) ledger.observe(() => void seen.push(`${name}${ledger.unsettled}`));
  add(ledger, entryOf(1));
  assert.deepEqual(seen.splice(0), ["a1", "b1"]);
  ledger.linkUp();
  assert.ok(ledger.next());
  ledger.linkDown();
  ledger.linkUp();
  ledger.requestStates();
  ledger.acknowledged(ack({}));
  assert.equal(seen.length, 2 * 6);
  assert.ok(ledger.next());
  assert.equal(ledger.next(), undefined);
  assert.equal(seen.length, 2 * 7, "nothing to send is no change");
});
