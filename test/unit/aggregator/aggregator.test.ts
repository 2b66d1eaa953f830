import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startAggregator } from "../../../aggregator/aggregator.ts";
import { createRejections } from "../../../aggregator/intake/rejections.ts";
import { MAX_WAITING } from "../../../aggregator/outputs/batch-queue.ts";
import { type Sink, SinkError } from "../../../aggregator/outputs/sink.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { silentLog as log } from "../../../common/runtime/log.ts";
import { decodeAcknowledgement, encodeDelivery, encodePreview, encodeReading } from "../../../common/wire/messages.ts";
import { readingOf } from "../../support/reading.ts";

const ROUTE = new Uint8Array([1]);
const PER_MESSAGE = 128;

/** A required output that writes only while it is not blocked. */
function createOutput(name: string) {
  let isBlocked = false;
  let unblock = () => {};
  return {
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      unblock();
    },
    plan: {
      name,
      isRequired: true,
      async open(): Promise<Sink> {
        const loss = new AbortController();
        return {
          lost: loss.signal,
          async write() {
            if (isBlocked) await new Promise<void>((resolve) => (unblock = resolve));
          },
          close: () => loss.abort(new SinkError("closed")),
        };
      },
    },
  };
}

/** An output whose receiver confirms at once what was written. */
function createConfirmingOutput(name: string) {
  const output = createOutput(name);
  const open = async (): Promise<Sink> => ({
    ...(await output.plan.open()),
    beginReceipt: async () => ({ read: Promise.resolve() }),
  });
  return { ...output, plan: { ...output.plan, open } };
}

/** An aggregator in virtual time. `deliver` sends the next readings of one run and resolves when there is room for more. */
function setUp(t: TestContext, ...outputs: readonly ReturnType<typeof createOutput>[]) {
  return setUpSettling(t, 0, ...outputs);
}

function setUpSettling(t: TestContext, settleMs: number, ...outputs: readonly ReturnType<typeof createOutput>[]) {
  const clock = virtualClock();
  const observed: number[] = [];
  const answers: ReturnType<typeof decodeAcknowledgement>[] = [];
  const aggregator = startAggregator(
    outputs.map(({ plan }) => plan),
    settleMs,
    {
      reply: (_, message) => void answers.push(decodeAcknowledgement(message)),
      newEpoch: () => "0000000000000001",
      onEnded() {},
      observers: [(readings) => void observed.push(...readings.map(({ seq }) => seq))],
      rejections: createRejections(clock, log),
      clock,
      log,
    },
  );
  t.after(() => aggregator.close(0));
  const { run, meter, device, driver } = readingOf(1);
  const origin = { run, meter, device, driver };
  let sent = 0;
  return {
    clock,
    answers,
    answer: () => answers.at(-1),
    close: () => aggregator.close(1_000),
    deliver() {
      const readings = Array.from({ length: PER_MESSAGE }, (_, i) => encodeReading(readingOf(sent + i + 1)));
      const message = encodeDelivery(origin, { from: 1, after: sent }, readings);
      sent += PER_MESSAGE;
      return aggregator.receive(ROUTE, message);
    },
    show: (seq: number) =>
      aggregator.receive(ROUTE, encodePreview(origin, { from: 1, after: 0 }, encodeReading(readingOf(seq)))),
    details: aggregator.details,
    observed,
  };
}

test("no more is received while half a queue waits to be written", async (t) => {
  const output = createOutput("telegraf");
  output.block();
  const { clock, deliver } = setUp(t, output);
  for (let waiting = PER_MESSAGE; waiting < MAX_WAITING / 2; waiting += PER_MESSAGE) await deliver();
  let hasRoom = false;
  const last = deliver().then(() => {
    hasRoom = true;
  });
  await clock.sleep(5_000);
  assert.equal(hasRoom, false);
  output.unblock();
  await last;
});

test("readings that are received and written in one turn of the event loop are acknowledged once", async (t) => {
  const { clock, deliver, answers } = setUp(t, createOutput("telegraf"));
  await clock.sleep(1_000);
  for (let count = 1; count <= 3; count += 1) {
    await deliver();
    await clock.sleep(0);
    assert.deepEqual([answers.length, answers.at(-1)?.accepted], [count, count * PER_MESSAGE]);
  }
});

test("receipts that settle nothing new are not acknowledged", async (t) => {
  const { clock, deliver, answers } = setUpSettling(t, 30_000, createConfirmingOutput("telegraf"));
  await clock.sleep(1_000);
  await deliver();
  await clock.sleep(20_000);
  await deliver();
  await clock.sleep(120_000);
  assert.deepEqual(
    answers.map(({ accepted, settled }) => [accepted, settled].map((seq) => seq / PER_MESSAGE)),
    [
      [1, 0],
      [2, 0],
      [2, 1],
      [2, 2],
    ],
  );
});

test("what is written while it closes is acknowledged before it is closed", async (t) => {
  const { deliver, close, answers } = setUp(t, createOutput("telegraf"));
  await deliver();
  await close();
  assert.equal(answers.at(-1)?.accepted, PER_MESSAGE);
});

test("an output that lags limits neither flow nor credit, as long as another keeps up, but what is accepted", async (t) => {
  const [fast, slow] = [createOutput("fast"), createOutput("slow")];
  slow.block();
  const { clock, deliver, answer } = setUp(t, fast, slow);
  await deliver();
  await clock.sleep(5_000);
  assert.deepEqual([answer()?.credit, answer()?.accepted], [0, 0], "not slow yet");
  await clock.sleep(6_000);
  assert.deepEqual([answer()?.credit, answer()?.accepted], [PER_MESSAGE, 0], "slow");
  slow.unblock();
  await clock.sleep(1_000);
  assert.deepEqual([answer()?.credit, answer()?.accepted], [PER_MESSAGE, PER_MESSAGE]);
});

test("a reading that has to wait is shown to observers, neither written nor counted, and comes again in its turn", async (t) => {
  const output = createOutput("telegraf");
  output.block();
  const { clock, deliver, show, details, observed, answer } = setUp(t, output);
  await deliver();
  await show(PER_MESSAGE + 2);
  assert.deepEqual(observed.slice(-2), [PER_MESSAGE, PER_MESSAGE + 2]);
  const { readings, repeats, outputs } = details();
  assert.deepEqual([readings, repeats, outputs[0]?.waiting], [PER_MESSAGE, 0, PER_MESSAGE]);
  await clock.sleep(0);
  assert.equal(answer()?.credit, 0);
  await deliver();
  assert.deepEqual(observed.slice(PER_MESSAGE + 1).slice(0, 2), [PER_MESSAGE + 1, PER_MESSAGE + 2]);
});
