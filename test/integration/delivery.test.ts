import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batch, type Progress, RunTracker } from "../../aggregator/run-tracker.ts";
import { decodeAcknowledgement, decodeDelivery, encodeAcknowledgement } from "../../common/wire/messages.ts";
import { entryOf } from "../support/entry.ts";
import { add, ledgerOf } from "../support/ledger.ts";
import { fc } from "../support/property.ts";

const { run: RUN } = entryOf(1).origin;
const MADE_UP_RUN = "ffffffffffffffff";

interface Mark {
  readonly progress: Progress;
  readonly held: ReadonlySet<number>;
}

/** An output's queue and its receiver. */
interface Receiver {
  batches: Batch[];
  /** Readings that it would lose if it died, and those that it has stored. */
  held: Set<number>;
  readonly stored: Set<number>;
  marks: Mark[];
  isSlow: boolean;
}

/**
 * A model of one agent's ledger, an aggregator's run tracker that remembers one run, and two receivers. The test controls
 * everything between them.
 */
function createModel() {
  const ledger = ledgerOf({ window: 5, messageBytes: 150 });
  let taken = 0;
  let epochs = 0;
  let toAggregator: Uint8Array[] = [];
  let toAgent: Uint8Array[] = [];
  /** By output, epoch and number. */
  let written = new Set<string>();
  let hasForgotten = false;
  const receivers = [0, 1].map(
    (): Receiver => ({ batches: [], held: new Set(), stored: new Set(), marks: [], isSlow: false }),
  );
  const newTracker = () =>
    new RunTracker(
      receivers.length,
      () => {
        epochs += 1;
        hasForgotten = false;
        return epochs.toString(16).padStart(16, "0");
      },
      1,
    );
  let tracker = newTracker();

  function acknowledge() {
    const acknowledgement = tracker.acknowledgement(RUN);
    if (acknowledgement) toAgent.push(encodeAcknowledgement(acknowledgement));
  }
  function write(output: number) {
    const receiver = receivers[output];
    const batch = receiver?.batches.shift();
    if (!receiver || !batch) return;
    for (const { seq } of batch.readings) {
      const key = `${output} ${batch.epoch} ${seq}`;
      assert.ok(hasForgotten || !written.has(key), `${key} is written twice in an epoch`);
      written.add(key);
      receiver.held.add(seq);
    }
    if (tracker.written(output, batch)) acknowledge();
  }
  function mark(output: number) {
    const receiver = receivers[output];
    receiver?.marks.push({ progress: tracker.unsettled(output), held: new Set(receiver.held) });
  }
  function settle(output: number) {
    const receiver = receivers[output];
    const oldest = receiver?.marks.shift();
    if (!receiver || !oldest) return;
    for (const seq of oldest.held) receiver.stored.add(seq);
    tracker.settled(output, oldest.progress);
    acknowledge();
  }
  function killReceiver(output: number) {
    const killed = receivers[output];
    if (killed) Object.assign(killed, { held: new Set(), marks: [] });
    for (const receiver of receivers) receiver.batches = [];
    tracker.startEpoch();
    acknowledge();
  }

  const steps = {
    take() {
      taken += 1;
      add(ledger, entryOf(taken));
    },
    send() {
      const message = ledger.next();
      if (message) toAggregator.push(message);
    },
    receive() {
      const message = toAggregator.shift();
      if (!message) return;
      const batch = tracker.receive(decodeDelivery(message), "agent");
      if (batch) for (const { batches } of receivers) batches.push(batch);
      acknowledge();
    },
    write: () => write(0),
    writeOther: () => write(1),
    mark: () => mark(0),
    markOther: () => mark(1),
    settle: () => settle(0),
    settleOther: () => settle(1),
    deliverAcknowledgement() {
      const message = toAgent.shift();
      if (message) ledger.acknowledged(decodeAcknowledgement(message));
    },
    loseMessage() {
      toAggregator.shift();
    },
    stall() {
      ledger.requestStalled("delivery");
      ledger.requestStalled("settling");
    },
    forget() {
      hasForgotten = true;
      const origin = { ...entryOf(1).origin, run: MADE_UP_RUN };
      tracker.receive({ origin, from: 1, after: 0, readings: [] }, "stranger");
    },
    turnSlowOrFast() {
      const receiver = receivers[1];
      if (!receiver) return;
      receiver.isSlow = !receiver.isSlow;
      tracker.setSlow(1, receiver.isSlow);
      acknowledge();
    },
    cutLink() {
      toAggregator = [];
      toAgent = [];
      ledger.linkDown();
      ledger.linkUp();
    },
    killAggregator() {
      tracker = newTracker();
      written = new Set();
      for (const receiver of receivers) Object.assign(receiver, { batches: [], marks: [], isSlow: false });
      steps.cutLink();
    },
    killReceiver: () => killReceiver(0),
    killOtherReceiver: () => killReceiver(1),
  };
  const isStored = (seq: number) => receivers.every(({ stored }) => stored.has(seq));
  return { ledger, steps, isStored, hasAcknowledgements: () => toAgent.length > 0, taken: () => taken };
}

type Step = keyof ReturnType<typeof createModel>["steps"];
const USUAL: readonly Step[] = [
  ...["take", "send", "receive", "write", "writeOther", "mark", "markOther", "settle", "settleOther"],
  "deliverAcknowledgement",
] as const;
const FAULTS: readonly Step[] = [
  ...["loseMessage", "stall", "forget", "turnSlowOrFast", "cutLink", "killAggregator", "killReceiver"],
  "killOtherReceiver",
] as const;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...USUAL) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);
/** Rounds without progress after which an agent asks again. */
const STALL_ROUNDS = 100;

test("whatever fails and whenever: a reading that the agent forgets is stored, and in the end all are", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (script) => {
      const { ledger, steps, isStored, hasAcknowledgements, taken } = createModel();
      const check = () => {
        const settled = taken() - ledger.unsettled;
        for (let seq = 1; seq <= settled; seq += 1) assert.ok(isStored(seq), `${seq} was forgotten and is not stored`);
      };
      ledger.linkUp();
      for (const name of script) {
        steps[name]();
        check();
      }
      for (let round = 0; ledger.unsettled > 0; round += 1) {
        while (hasAcknowledgements()) steps.deliverAcknowledgement();
        assert.ok(round < 2_000, "delivery does not come to an end");
        if (round % STALL_ROUNDS === 0) steps.stall();
        for (const name of USUAL) if (name !== "take") steps[name]();
        check();
      }
      assert.equal(ledger.dropped, 0);
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: 60_000 },
  );
});
