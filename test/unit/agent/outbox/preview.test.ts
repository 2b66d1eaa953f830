import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../../../agent/outbox/ledger.ts";
import type { Acknowledgement } from "../../../../common/wire/messages.ts";
import { entryOf, inShort } from "../../../support/entry.ts";
import { add, ledgerOf } from "../../../support/ledger.ts";

const WINDOW = 4;

const ack = (changed: Partial<Acknowledgement> = {}): Acknowledgement => ({
  epoch: "0000000000000001",
  run: entryOf(1).origin.run,
  credit: 0,
  accepted: 0,
  settled: 0,
  ...changed,
});

const next = (ledger: Ledger) => inShort(ledger.next());

/** A ledger whose window is full: the aggregator answers, and its output writes nothing. */
function blocked(): Ledger {
  const ledger = ledgerOf({ window: WINDOW });
  for (let seq = 1; seq <= WINDOW; seq += 1) add(ledger, entryOf(seq));
  ledger.linkUp();
  assert.equal(next(ledger), "ask 1");
  ledger.acknowledged(ack());
  assert.equal(next(ledger), "from 1 after 0: 1 2 3 4");
  ledger.acknowledged(ack());
  assert.equal(next(ledger), undefined);
  return ledger;
}

test("while the window is full each newest reading is shown once, and does not count as sent", () => {
  const ledger = blocked();
  for (const seq of [5, 6]) {
    add(ledger, entryOf(seq));
    assert.equal(next(ledger), `ask 1 show ${seq}`);
    ledger.acknowledged(ack());
    assert.equal(next(ledger), undefined);
    assert.deepEqual([ledger.wasSent(entryOf(seq)), ledger.inFlight, ledger.backlog], [false, WINDOW, seq]);
  }
  ledger.acknowledged(ack({ credit: 4, accepted: 4, settled: 4 }));
  assert.equal(next(ledger), "from 5 after 4: 5 6");
});

test("until the aggregator has answered nothing more is shown, and then the newest reading alone", () => {
  const ledger = blocked();
  add(ledger, entryOf(5));
  assert.equal(next(ledger), "ask 1 show 5");
  for (const seq of [6, 7]) {
    add(ledger, entryOf(seq));
    assert.equal(next(ledger), undefined);
  }
  ledger.acknowledged(ack());
  assert.equal(next(ledger), "ask 1 show 7");
});

test("a reading that is delivered is not shown as well", () => {
  const ledger = blocked();
  ledger.acknowledged(ack({ credit: 4, accepted: 4 }));
  add(ledger, entryOf(5));
  assert.equal(next(ledger), "from 1 after 4: 5");
  ledger.acknowledged(ack({ credit: 4, accepted: 4 }));
  assert.equal(next(ledger), undefined);
});

test("a reading with a provisional time is not shown before it is final", () => {
  const ledger = blocked();
  ledger.holdProvisional();
  add(ledger, { ...entryOf(5), isProvisional: true });
  assert.equal(next(ledger), undefined);
  ledger.releaseProvisional();
  assert.equal(next(ledger), "ask 1 show 5");
});

test("a reading that was dropped or is lost is not shown", () => {
  const dropped = blocked();
  add(dropped, entryOf(5));
  dropped.drop(entryOf(5).origin.run, 5);
  assert.equal(next(dropped), undefined);

  const source = { read: (_: string, seq: number) => (seq === 3 ? undefined : entryOf(seq)), release() {} };
  const ledger = new Ledger({ window: 2, messageBytes: 1_000 }, source);
  for (const seq of [1, 2, 3]) ledger.add(entryOf(seq));
  ledger.linkUp();
  assert.equal(next(ledger), "ask 1");
  ledger.acknowledged(ack());
  assert.equal(next(ledger), "from 1 after 0: 1 2");
  ledger.acknowledged(ack());
  assert.equal(next(ledger), undefined);
  assert.deepEqual([ledger.dropped, ledger.backlog], [1, 2]);
});

test("another aggregator is shown the newest reading before the older ones have been written", () => {
  const ledger = blocked();
  add(ledger, entryOf(5));
  assert.equal(next(ledger), "ask 1 show 5");
  ledger.linkDown();
  add(ledger, entryOf(6));
  ledger.linkUp();
  assert.equal(next(ledger), "ask 1");
  ledger.acknowledged(ack({ epoch: "0000000000000002" }));
  assert.equal(next(ledger), "from 1 after 0: 1 2 3 4");
  ledger.acknowledged(ack({ epoch: "0000000000000002" }));
  assert.equal(next(ledger), "ask 1 show 6");
});
