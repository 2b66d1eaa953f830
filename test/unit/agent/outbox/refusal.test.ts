import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, inShort } from "../../../support/entry.ts";
import { add, ledgerOf } from "../../../support/ledger.ts";

const { run } = entryOf(1).origin;
const ACK = { epoch: "0000000000000001", run, credit: 0, accepted: 0, settled: 0 };

test("a refused run is kept and not sent until its state is requested again", () => {
  const ledger = ledgerOf({ window: 2 });
  for (const seq of [1, 2, 3]) add(ledger, entryOf(seq));
  ledger.linkUp();
  assert.equal(inShort(ledger.next()), "ask 1");
  assert.deepEqual(ledger.refused(run), entryOf(1).origin);
  add(ledger, entryOf(4));
  assert.deepEqual([ledger.next(), ledger.backlog, ledger.isAwaiting], [undefined, 4, false]);
  ledger.requestStates();
  assert.equal(inShort(ledger.next()), "ask 1");
  ledger.acknowledged(ACK);
  assert.equal(inShort(ledger.next()), "from 1 after 0: 1 2");
});

test("a run that is refused while it is delivered leaves the window to others", () => {
  const ledger = ledgerOf({ window: 2 });
  for (const seq of [1, 2]) add(ledger, entryOf(seq));
  ledger.linkUp();
  ledger.next();
  ledger.acknowledged(ACK);
  assert.equal(inShort(ledger.next()), "from 1 after 0: 1 2");
  ledger.refused(run);
  assert.deepEqual([ledger.inFlight, ledger.backlog], [0, 2]);
});

test("the newest reading is shown between two messages of a backlog that is still being delivered", () => {
  const ledger = ledgerOf({ window: 2 });
  for (const seq of [1, 2, 3, 4, 5]) add(ledger, entryOf(seq));
  ledger.linkUp();
  ledger.next();
  ledger.acknowledged(ACK);
  assert.equal(inShort(ledger.next()), "from 1 after 0: 1 2");
  assert.equal(inShort(ledger.next()), "ask 1 show 5");
});
