import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../agent/outbox/ledger.ts";
import { type Batch, type Progress, RunTracker } from "../../aggregator/run-tracker.ts";
import { decodeAcknowledgement, decodeDelivery, encodeAcknowledgement } from "../../common/wire/messages.ts";
import { entryOf } from "../support/entry.ts";
import { fc } from "../support/property.ts";

const { run: RUN } = entryOf(1).origin;

/** A model of one agent's ledger, an aggregator's run tracker and a receiver. The test controls everything between them. */
function createModel() {
  const ledger = new Ledger({ bytes: 1_000_000, ageMs: 1_000_000, window: 5, messageBytes: 150 });
  let taken = 0;
  let epochs = 0;
  let toAggregator: Uint8Array[] = [];
  let toAgent: Uint8Array[] = [];
  let batches: Batch[] = [];
  let writtenInEpoch = new Set<string>();
  /** Readings that the receiver would lose if it died, and those that it has stored. */
  let held = new Set<number>();
  const stored = new Set<number>();
  let marks: { readonly progress: Progress; readonly held: ReadonlySet<number> }[] = [];
  const newTracker = () =>
    new RunTracker(1, () => {
      epochs += 1;
      return epochs.toString(16).padStart(16, "0");
    });
  let tracker = newTracker();

  function acknowledge() {
    const acknowledgement = tracker.acknowledgement(RUN);
    if (acknowledgement) toAgent.push(encodeAcknowledgement(acknowledgement));
  }
  const steps = {
    take() {
      taken += 1;
      ledger.add(entryOf(taken), 0);
    },
    send() {
      const message = ledger.next();
      if (message) toAggregator.push(message);
    },
    receive() {
      const message = toAggregator.shift();
      if (!message) return;
      const batch = tracker.receive(decodeDelivery(message));
      if (batch) batches.push(batch);
      acknowledge();
    },
    write() {
      const batch = batches.shift();
      if (!batch) return;
      for (const { seq } of batch.readings) {
        assert.ok(!writtenInEpoch.has(`${batch.epoch} ${seq}`), `${seq} is written twice in an epoch`);
        writtenInEpoch.add(`${batch.epoch} ${seq}`);
        held.add(seq);
      }
      if (tracker.written(0, batch)) acknowledge();
    },
    mark() {
      marks.push({ progress: tracker.unsettled(0), held: new Set(held) });
    },
    settle() {
      const mark = marks.shift();
      if (!mark) return;
      for (const seq of mark.held) stored.add(seq);
      tracker.settled(0, mark.progress);
      acknowledge();
    },
    deliverAcknowledgement() {
      const message = toAgent.shift();
      if (message) ledger.acknowledged(decodeAcknowledgement(message));
    },
    loseMessage() {
      toAggregator.shift();
    },
    stall() {
      ledger.requestStates();
    },
    cutLink() {
      toAggregator = [];
      toAgent = [];
      ledger.linkDown();
      ledger.linkUp();
    },
    killAggregator() {
      tracker = newTracker();
      batches = [];
      marks = [];
      writtenInEpoch = new Set();
      steps.cutLink();
    },
    killReceiver() {
      held = new Set();
      marks = [];
      batches = [];
      tracker.startEpoch();
      acknowledge();
    },
  };
  return { ledger, steps, stored, taken: () => taken };
}

type Step = keyof ReturnType<typeof createModel>["steps"];
const USUAL: readonly Step[] = ["take", "send", "receive", "write", "mark", "settle", "deliverAcknowledgement"];
const FAULTS: readonly Step[] = ["loseMessage", "stall", "cutLink", "killAggregator", "killReceiver"];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...USUAL) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);

test("whatever fails and whenever: a reading that the agent forgets is stored, and in the end all are", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (script) => {
      const { ledger, steps, stored, taken } = createModel();
      const check = () => {
        const settled = taken() - ledger.unsettled;
        for (let seq = 1; seq <= settled; seq += 1)
          assert.ok(stored.has(seq), `${seq} was forgotten and is not stored`);
      };
      ledger.linkUp();
      for (const name of script) {
        steps[name]();
        check();
      }
      steps.stall();
      for (let round = 0; ledger.unsettled > 0; round += 1) {
        assert.ok(round < 2_000, "delivery does not come to an end");
        for (const name of USUAL) if (name !== "take") steps[name]();
        check();
      }
      assert.equal(ledger.dropped, 0);
    }),
    { numRuns: 200 },
  );
});
