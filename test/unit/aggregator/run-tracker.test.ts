import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batch, RunBook } from "../../../aggregator/run-tracker.ts";
import type { Delivery } from "../../../common/wire/messages.ts";
import { readingOf } from "../../support/reading.ts";

const ROUTE = Uint8Array.of(1);
const { run: RUN } = readingOf(1);

function bookOf(outputs: number): RunBook {
  let epochs = 0;
  return new RunBook(outputs, () => {
    epochs += 1;
    return `epoch ${epochs}`;
  });
}

/** A delivery of these numbers by a sender that holds `from` and all above. */
function delivery(from: number, after: number, ...seqs: number[]): Delivery {
  const readings = seqs.map((seq) => readingOf(seq));
  return { origin: readingOf(1), from, after, readings };
}
const take = (book: RunBook, from: number, after: number, ...seqs: number[]) =>
  book.take(delivery(from, after, ...seqs), ROUTE);
const seqsOf = (batch: Batch | undefined) => batch?.readings.map(({ seq }) => seq);

/** `epoch: credit accepted settled` of the only run. */
function standing(book: RunBook): string {
  const { ack } = book.acknowledgement(RUN) ?? {};
  return `${ack?.epoch}: ${ack?.credit} ${ack?.accepted} ${ack?.settled}`;
}

function written(book: RunBook, output: number, batch: Batch | undefined): boolean {
  assert.ok(batch);
  return book.written(output, batch);
}

test("a run that is not known has no acknowledgement", () => {
  assert.equal(bookOf(1).acknowledgement(RUN), undefined);
});

test("what was never held or is gone counts as dealt with", () => {
  const book = bookOf(1);
  assert.equal(take(book, 5, 4), undefined);
  assert.equal(standing(book), "epoch 1: 4 4 4");
  assert.deepEqual(seqsOf(take(book, 5, 4, 5, 6)), [5, 6]);
  assert.equal(standing(book), "epoch 1: 4 4 4");
  take(book, 7, 6);
  assert.equal(standing(book), "epoch 1: 6 6 6");
});

test("repeats are dropped within an epoch", () => {
  const book = bookOf(1);
  assert.deepEqual(seqsOf(take(book, 1, 0, 1, 2)), [1, 2]);
  assert.deepEqual(seqsOf(take(book, 1, 0, 1, 2, 3)), [3]);
  assert.equal(take(book, 1, 1, 2, 3), undefined);
});

test("after a loss on the way nothing is taken until the lost ones come", () => {
  const book = bookOf(1);
  take(book, 1, 0, 1);
  assert.equal(take(book, 1, 2, 3), undefined);
  assert.deepEqual(seqsOf(take(book, 1, 1, 2)), [2]);
  assert.deepEqual(seqsOf(take(book, 1, 2, 3)), [3]);
});

test("numbers that the sender does not have are no loss", () => {
  const book = bookOf(1);
  take(book, 1, 0, 1);
  assert.deepEqual(seqsOf(take(book, 1, 1, 4, 9)), [4, 9]);
  assert.deepEqual(seqsOf(take(book, 1, 9, 10)), [10]);
});

test("readings are accepted when all outputs have written them, and settled when all have settled them", () => {
  const book = bookOf(2);
  const batch = take(book, 1, 0, 1, 2);
  written(book, 0, batch);
  assert.equal(standing(book), "epoch 1: 0 0 0");
  written(book, 1, batch);
  assert.equal(standing(book), "epoch 1: 2 2 0");
  book.settled(0, book.unsettled(0));
  assert.equal(standing(book), "epoch 1: 2 2 0");
  book.settled(1, book.unsettled(1));
  assert.equal(standing(book), "epoch 1: 2 2 2");
});

test("a mark settles what was written before it and nothing after", () => {
  const book = bookOf(1);
  written(book, 0, take(book, 1, 0, 1));
  const mark = book.unsettled(0);
  written(book, 0, take(book, 1, 1, 2));
  book.settled(0, mark);
  assert.equal(standing(book), "epoch 1: 2 2 1");
  assert.deepEqual([...book.unsettled(0)], [[RUN, 2]]);
  book.settled(0, book.unsettled(0));
  assert.equal(book.unsettled(0).size, 0);
});

test("a lagging output keeps back acceptance and not the flow", () => {
  const book = bookOf(2);
  const batch = take(book, 1, 0, 1, 2);
  written(book, 0, batch);
  book.setLagging(1, true);
  assert.equal(standing(book), "epoch 1: 2 0 0");
  assert.ok(!book.setsPace(1));
  book.setLagging(1, false);
  assert.equal(standing(book), "epoch 1: 0 0 0");
});

test("where all lag, all set the pace", () => {
  const book = bookOf(2);
  written(book, 0, take(book, 1, 0, 1));
  book.setLagging(0, true);
  book.setLagging(1, true);
  assert.ok(book.setsPace(0) && book.setsPace(1));
  assert.equal(standing(book), "epoch 1: 0 0 0");
});

test("a new epoch begins after what is settled", () => {
  const book = bookOf(1);
  written(book, 0, take(book, 1, 0, 1, 2));
  book.settled(0, book.unsettled(0));
  const batch = take(book, 1, 2, 3, 4);
  book.startEpoch();
  assert.equal(standing(book), "epoch 2: 2 2 2");
  assert.equal(written(book, 0, batch), false);
  assert.equal(standing(book), "epoch 2: 2 2 2");
  assert.deepEqual(seqsOf(take(book, 3, 2, 3, 4)), [3, 4]);
});

test("what a receiver settles of the epoch before, it has", () => {
  const book = bookOf(2);
  const batch = take(book, 1, 0, 1, 2);
  written(book, 0, batch);
  written(book, 1, batch);
  const mark = book.unsettled(0);
  book.startEpoch();
  book.settled(0, mark);
  assert.equal(standing(book), "epoch 2: 0 0 0");
  written(book, 1, take(book, 1, 0, 1, 2));
  assert.equal(standing(book), "epoch 2: 2 2 0");
});

test("runs do not mix, and the answer goes where the run was last heard", () => {
  const book = bookOf(1);
  const other = { ...delivery(1, 0, 1), origin: { ...readingOf(1), run: "aaaaaaaaaaaaaaaa" } };
  written(book, 0, book.take(other, Uint8Array.of(2)));
  take(book, 1, 0, 1);
  assert.equal(standing(book), "epoch 1: 0 0 0");
  book.take({ ...other, readings: [] }, Uint8Array.of(3));
  const answer = book.acknowledgement("aaaaaaaaaaaaaaaa");
  assert.deepEqual(answer?.route, Uint8Array.of(3));
  assert.equal(answer?.ack.accepted, 1);
});

test("it remembers a bounded number of runs, those heard last", () => {
  const book = bookOf(1);
  for (let i = 0; i < 5000; i += 1) {
    const run = i.toString(16).padStart(16, "0");
    book.take({ origin: { ...readingOf(1), run }, from: 1, after: 0, readings: [] }, ROUTE);
  }
  assert.equal(book.runs.length, 4096);
  assert.equal(book.runs.at(-1), (4999).toString(16).padStart(16, "0"));
});
