import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batch, RunTracker } from "../../../aggregator/run-tracker.ts";
import type { Delivery } from "../../../common/wire/messages.ts";
import { rowOf } from "../../support/reading.ts";

const { run: RUN } = rowOf(1);

function trackerOf(outputs: number): RunTracker {
  let epochs = 0;
  return new RunTracker(outputs, () => {
    epochs += 1;
    return `epoch ${epochs}`;
  });
}

/** A delivery of these numbers by a sender that holds `from` and all above. */
function delivery(from: number, after: number, ...seqs: number[]): Delivery {
  const readings = seqs.map((seq) => rowOf(seq));
  return { origin: rowOf(1), from, after, readings };
}
const receive = (tracker: RunTracker, from: number, after: number, ...seqs: number[]) =>
  tracker.receive(delivery(from, after, ...seqs), "agent");
const seqsOf = (batch: Batch | undefined) => batch?.readings.map(({ seq }) => seq);

/** `epoch: credit accepted settled` of the only run. */
function stateOf(tracker: RunTracker): string {
  const ack = tracker.acknowledgement(RUN);
  return `${ack?.epoch}: ${ack?.credit} ${ack?.accepted} ${ack?.settled}`;
}

function written(tracker: RunTracker, output: number, batch: Batch | undefined): boolean {
  assert.ok(batch);
  return tracker.written(output, batch);
}

test("an unknown run has no acknowledgement", () => {
  assert.equal(trackerOf(1).acknowledgement(RUN), undefined);
});

test("numbers below from count as settled", () => {
  const tracker = trackerOf(1);
  assert.equal(receive(tracker, 5, 4), undefined);
  assert.equal(stateOf(tracker), "epoch 1: 4 4 4");
  assert.deepEqual(seqsOf(receive(tracker, 5, 4, 5, 6)), [5, 6]);
  assert.equal(stateOf(tracker), "epoch 1: 4 4 4");
  receive(tracker, 7, 6);
  assert.equal(stateOf(tracker), "epoch 1: 6 6 6");
});

test("repeats are dropped within an epoch", () => {
  const tracker = trackerOf(1);
  assert.deepEqual(seqsOf(receive(tracker, 1, 0, 1, 2)), [1, 2]);
  assert.deepEqual(seqsOf(receive(tracker, 1, 0, 1, 2, 3)), [3]);
  assert.equal(receive(tracker, 1, 1, 2, 3), undefined);
});

test("after a lost message nothing is new until it is repeated", () => {
  const tracker = trackerOf(1);
  receive(tracker, 1, 0, 1);
  assert.equal(receive(tracker, 1, 2, 3), undefined);
  assert.deepEqual(seqsOf(receive(tracker, 1, 1, 2)), [2]);
  assert.deepEqual(seqsOf(receive(tracker, 1, 2, 3)), [3]);
});

test("a gap in the numbers is not a loss", () => {
  const tracker = trackerOf(1);
  receive(tracker, 1, 0, 1);
  assert.deepEqual(seqsOf(receive(tracker, 1, 1, 4, 9)), [4, 9]);
  assert.deepEqual(seqsOf(receive(tracker, 1, 9, 10)), [10]);
});

test("readings are accepted when all outputs have written them, and settled when all have settled them", () => {
  const tracker = trackerOf(2);
  const batch = receive(tracker, 1, 0, 1, 2);
  written(tracker, 0, batch);
  assert.equal(stateOf(tracker), "epoch 1: 0 0 0");
  written(tracker, 1, batch);
  assert.equal(stateOf(tracker), "epoch 1: 2 2 0");
  tracker.settled(0, tracker.unsettled(0));
  assert.equal(stateOf(tracker), "epoch 1: 2 2 0");
  tracker.settled(1, tracker.unsettled(1));
  assert.equal(stateOf(tracker), "epoch 1: 2 2 2");
});

test("a mark settles what was written before it and nothing after", () => {
  const tracker = trackerOf(1);
  written(tracker, 0, receive(tracker, 1, 0, 1));
  const mark = tracker.unsettled(0);
  written(tracker, 0, receive(tracker, 1, 1, 2));
  tracker.settled(0, mark);
  assert.equal(stateOf(tracker), "epoch 1: 2 2 1");
  assert.deepEqual([...tracker.unsettled(0)], [[RUN, 2]]);
  tracker.settled(0, tracker.unsettled(0));
  assert.equal(tracker.unsettled(0).size, 0);
});

test("what an output has settled before is no news", () => {
  const tracker = trackerOf(1);
  written(tracker, 0, receive(tracker, 1, 0, 1));
  const mark = tracker.unsettled(0);
  assert.deepEqual(tracker.settled(0, mark), [RUN]);
  assert.deepEqual(tracker.settled(0, mark), []);
  tracker.startEpoch();
  assert.deepEqual(tracker.settled(0, mark), [RUN], "the number counts in a new epoch as well");
});

test("a slow output delays acceptance, not the flow", () => {
  const tracker = trackerOf(2);
  const batch = receive(tracker, 1, 0, 1, 2);
  written(tracker, 0, batch);
  tracker.setSlow(1, true);
  assert.equal(stateOf(tracker), "epoch 1: 2 0 0");
  assert.ok(!tracker.limitsFlow(1));
  tracker.setSlow(1, false);
  assert.equal(stateOf(tracker), "epoch 1: 0 0 0");
});

test("where all are slow, all limit the flow", () => {
  const tracker = trackerOf(2);
  written(tracker, 0, receive(tracker, 1, 0, 1));
  tracker.setSlow(0, true);
  tracker.setSlow(1, true);
  assert.ok(tracker.limitsFlow(0) && tracker.limitsFlow(1));
  assert.equal(stateOf(tracker), "epoch 1: 0 0 0");
});

test("a new epoch begins after what is settled", () => {
  const tracker = trackerOf(1);
  written(tracker, 0, receive(tracker, 1, 0, 1, 2));
  tracker.settled(0, tracker.unsettled(0));
  const batch = receive(tracker, 1, 2, 3, 4);
  tracker.startEpoch();
  assert.equal(stateOf(tracker), "epoch 2: 2 2 2");
  assert.equal(written(tracker, 0, batch), false);
  assert.equal(stateOf(tracker), "epoch 2: 2 2 2");
  assert.deepEqual(seqsOf(receive(tracker, 3, 2, 3, 4)), [3, 4]);
});

test("a receipt for readings of an earlier epoch counts", () => {
  const tracker = trackerOf(2);
  const batch = receive(tracker, 1, 0, 1, 2);
  written(tracker, 0, batch);
  written(tracker, 1, batch);
  const mark = tracker.unsettled(0);
  tracker.startEpoch();
  tracker.settled(0, mark);
  assert.equal(stateOf(tracker), "epoch 2: 0 0 0");
  written(tracker, 1, receive(tracker, 1, 0, 1, 2));
  assert.equal(stateOf(tracker), "epoch 2: 2 2 0");
});

test("runs do not mix", () => {
  const tracker = trackerOf(1);
  const other = { ...delivery(1, 0, 1), origin: { ...rowOf(1), run: "aaaaaaaaaaaaaaaa" } };
  written(tracker, 0, tracker.receive(other, "other agent"));
  receive(tracker, 1, 0, 1);
  assert.equal(stateOf(tracker), "epoch 1: 0 0 0");
  assert.equal(tracker.acknowledgement("aaaaaaaaaaaaaaaa")?.accepted, 1);
});

test("made-up runs displace each other, not those of another sender, and are counted", () => {
  const tracker = trackerOf(1);
  written(tracker, 0, receive(tracker, 1, 0, 1, 2));
  for (let i = 0; i < 50_000; i += 1) {
    const run = i.toString(16).padStart(16, "0");
    tracker.receive({ origin: { ...rowOf(1), run }, from: 1, after: 0, readings: [] }, "stranger");
  }
  assert.ok(tracker.runs.length <= 4096);
  assert.equal(tracker.forgotten, 50_001 - tracker.runs.length);
  assert.equal(stateOf(tracker), "epoch 1: 2 2 0");
  assert.deepEqual(seqsOf(receive(tracker, 1, 2, 3)), [3]);
});

test("of senders with one run each, the one that was seen least recently is forgotten", () => {
  const tracker = new RunTracker(1, () => "epoch", 2);
  const ask = (name: string) =>
    tracker.receive({ origin: { ...rowOf(1), run: name }, from: 1, after: 0, readings: [] }, `sender of ${name}`);
  for (const run of ["a", "b", "a", "c"]) ask(run);
  assert.deepEqual([...tracker.runs].sort(), ["a", "c"]);
});

test("a run belongs to the connection that was last seen with it", () => {
  const tracker = trackerOf(1);
  tracker.receive(delivery(1, 0), "first connection");
  tracker.receive(delivery(1, 0), "second connection");
  assert.equal(tracker.senderOf(RUN), "second connection");
});

test("a forgotten run goes on where its sender is: batches that were still queued count", () => {
  const tracker = new RunTracker(1, () => "epoch", 1);
  const queued = receive(tracker, 1, 0, 1, 2, 3);
  tracker.receive({ origin: { ...rowOf(1), run: "bbbbbbbbbbbbbbbb" }, from: 1, after: 0, readings: [] }, "other");
  assert.equal(receive(tracker, 1, 3, 4), undefined);
  assert.equal(stateOf(tracker), "epoch: 0 0 0");
  assert.ok(written(tracker, 0, queued));
  assert.equal(stateOf(tracker), "epoch: 3 3 0");
  assert.deepEqual(seqsOf(receive(tracker, 1, 3, 4)), [4]);
});

test("no credit for readings that were settled in an earlier epoch and not received again in this one", () => {
  const tracker = trackerOf(2);
  const batch = receive(tracker, 1, 0, 1, 2);
  written(tracker, 0, batch);
  const mark = tracker.unsettled(0);
  tracker.startEpoch();
  tracker.settled(0, mark);
  tracker.setSlow(1, true);
  assert.equal(stateOf(tracker), "epoch 2: 0 0 0");
  assert.deepEqual(seqsOf(receive(tracker, 1, 0, 1, 2)), [1, 2]);
});
