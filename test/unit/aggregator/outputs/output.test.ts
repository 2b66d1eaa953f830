import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MAX_WAITING } from "../../../../aggregator/outputs/batch-queue.ts";
import { startOutput } from "../../../../aggregator/outputs/output.ts";
import { type Sink, SinkError } from "../../../../aggregator/outputs/sink.ts";
import type { Batch } from "../../../../aggregator/run-tracker.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { rowOf } from "../../../support/reading.ts";

const KEPT = "until then the agents keep their readings";

const batchOf = (...seqs: number[]): Batch => ({
  run: rowOf(1).run,
  epoch: "epoch",
  readings: seqs.map((seq) => rowOf(seq)),
  last: seqs.at(-1) ?? 0,
});

/** A destination that the test controls, and an output that writes to it in virtual time. */
function outputTo(t: TestContext, settings: { readonly isAway?: boolean; readonly isFinal?: boolean } = {}) {
  const clock = virtualClock();
  const rows: number[] = [];
  const events: string[] = [];
  const logged: string[] = [];
  const log = (message: string) => logged.push(message);
  let isAway = settings.isAway ?? false;
  let why = "nobody listens";
  let isBlocked = false;
  let unblock = () => {};
  let loss = new AbortController();

  async function open(): Promise<Sink> {
    if (isAway) throw new SinkError(why, { isFinal: settings.isFinal ?? false });
    loss = new AbortController();
    const { signal } = loss;
    return {
      lost: signal,
      async write(readings) {
        if (isBlocked) {
          await new Promise<void>((resolve) => {
            unblock = resolve;
          });
        }
        signal.throwIfAborted();
        rows.push(...readings.map(({ seq }) => seq));
      },
      close: () => loss.abort(new SinkError("closed")),
    };
  }
  const output = startOutput({ name: "telegraf", open }, 30_000, {
    events: {
      written: (batches, isFinal) =>
        events.push(`written ${batches.map(({ last }) => last)}${isFinal ? ", final" : ""}`),
      unsettled: () => new Map(),
      settled: () => {},
      slow: (is) => events.push(is ? "slow" : "not slow"),
      needsResend: () => events.push("needs resend"),
      ended: () => events.push("ended"),
    },
    clock,
    log: { error: log, warn: log, info: log, debug: log },
  });
  t.after(() => output.close(0));
  return {
    clock,
    output,
    rows,
    events,
    logged,
    setReason(reason: string) {
      why = reason;
    },
    lose(isGone: boolean) {
      isAway = isGone;
      loss.abort(new SinkError("Telegraf has closed"));
    },
    comeBack() {
      isAway = false;
    },
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      unblock();
    },
  };
}

/** Runs everything that is ready, without moving the clock. */
async function drain() {
  for (let i = 0; i < 100; i += 1) await Promise.resolve();
}

test("when calm, a row leaves at once", async (t) => {
  const { output, rows, events, clock } = outputTo(t);
  await drain();
  output.offer(batchOf(1));
  await drain();
  assert.deepEqual(rows, [1]);
  assert.deepEqual(events, ["written 1, final"]);
  assert.equal(clock.monotonic(), 0);
});

test("batches that wait are written and acknowledged together, about 256 readings at a time", async (t) => {
  const { output, events, block, unblock } = outputTo(t);
  await drain();
  block();
  output.offer(batchOf(1));
  await drain();
  for (let first = 2; first < 602; first += 100) {
    output.offer(batchOf(...Array.from({ length: 100 }, (_, i) => first + i)));
  }
  assert.equal(output.waiting, 601);
  unblock();
  await drain();
  assert.deepEqual(events, ["written 1, final", "written 101,201,301, final", "written 401,501,601, final"]);
  assert.equal(output.waiting, 0);
});

test("away from the start: logged once, queued, retried, written when it comes; nothing was lost", async (t) => {
  const { output, rows, events, logged, clock, comeBack } = outputTo(t, { isAway: true });
  output.offer(batchOf(1));
  await clock.sleep(60_000);
  assert.deepEqual(logged, [`telegraf: nobody listens; ${KEPT}`]);
  comeBack();
  await clock.sleep(5_001);
  assert.deepEqual(rows, [1]);
  assert.match(logged[1] ?? "", /^telegraf: reconnected after 6\d\.\d s$/);
  assert.deepEqual(events, ["slow", "not slow", "written 1, final"]);
});

test("each distinct reason for being away is logged once", async (t) => {
  const { logged, clock, setReason } = outputTo(t, { isAway: true });
  await clock.sleep(20_000);
  setReason("no permission");
  await clock.sleep(20_000);
  setReason("nobody listens");
  await clock.sleep(20_000);
  assert.deepEqual(logged, [`telegraf: nobody listens; ${KEPT}`, `telegraf: no permission; ${KEPT}`]);
});

test("lost while nothing is written: logged at once, and it needs a resend", async (t) => {
  const { output, logged, events, clock, lose } = outputTo(t);
  await drain();
  output.offer(batchOf(1));
  await drain();
  lose(false);
  await drain();
  assert.deepEqual(logged, [`telegraf: Telegraf has closed; ${KEPT}`]);
  await clock.sleep(1_000);
  assert.deepEqual(events, ["written 1, final", "needs resend"]);
});

test("lost in the middle of a write: that is not written, and it needs a resend", async (t) => {
  const { output, rows, events, clock, block, unblock, lose } = outputTo(t);
  await drain();
  block();
  output.offer(batchOf(1));
  await drain();
  lose(false);
  unblock();
  await clock.sleep(1_000);
  assert.deepEqual([rows, events], [[], ["needs resend"]]);
});

test("an output without progress for ten seconds is slow, until it makes some", async (t) => {
  const { output, events, clock, block, unblock } = outputTo(t);
  await drain();
  block();
  output.offer(batchOf(1));
  await clock.sleep(9_999);
  assert.deepEqual(events, []);
  await clock.sleep(2);
  assert.deepEqual(events, ["slow"]);
  unblock();
  await drain();
  assert.deepEqual(events, ["slow", "not slow", "written 1, final"]);
});

test("the queue is bounded: on overflow it is dropped, and the output needs a resend", async (t) => {
  const { output, rows, events, block, unblock } = outputTo(t);
  await drain();
  block();
  output.offer(batchOf(1));
  await drain();
  for (let seq = 2; seq < MAX_WAITING + 10; seq += 1) output.offer(batchOf(seq));
  assert.ok(output.waiting < 100);
  unblock();
  await drain();
  assert.deepEqual(rows.slice(0, 1), [1]);
  assert.equal(events[1], "needs resend");
});

test("an output that can never be reached again ends, and accepts no more", async (t) => {
  const { output, events, logged } = outputTo(t, { isAway: true, isFinal: true });
  await drain();
  output.offer(batchOf(1));
  assert.deepEqual([events, logged, output.waiting], [["ended"], ["telegraf: nobody listens"], 0]);
});

test("close writes the queue", async (t) => {
  const { output, rows, block, unblock } = outputTo(t);
  await drain();
  block();
  output.offer(batchOf(1));
  await drain();
  output.offer(batchOf(2));
  const closed = output.close(2_000);
  unblock();
  await closed;
  assert.deepEqual(rows, [1, 2]);
});

test("close waits no longer than its grace for a blocked output, and not at all for one that is away", async (t) => {
  const stuck = outputTo(t);
  await drain();
  stuck.block();
  stuck.output.offer(batchOf(1));
  await drain();
  await stuck.output.close(2_000);
  assert.equal(stuck.clock.monotonic(), 2_000);

  const away = outputTo(t, { isAway: true });
  away.output.offer(batchOf(1));
  await drain();
  await away.output.close(2_000);
  assert.equal(away.clock.monotonic(), 0);
});

test("a receiver that confirms nothing for ten seconds is stuck: nothing more is written until it reads again", async () => {
  const clock = virtualClock();
  const rows: number[] = [];
  const logged: string[] = [];
  const log = (message: string) => logged.push(message);
  const loss = new AbortController();
  let confirm = () => {};
  const sink: Sink = {
    lost: loss.signal,
    async write(readings) {
      rows.push(...readings.map(({ seq }) => seq));
    },
    beginReceipt: async () => ({
      read: new Promise((resolve) => {
        confirm = resolve;
      }),
    }),
    close: () => loss.abort(new SinkError("closed")),
  };
  let unsettled = 0;
  const output = startOutput({ name: "telegraf", open: async () => sink }, 0, {
    events: {
      written(batches) {
        unsettled = batches.at(-1)?.last ?? unsettled;
      },
      unsettled: () => new Map(unsettled > 0 ? [["run", unsettled]] : []),
      settled() {
        unsettled = 0;
      },
      slow() {},
      needsResend() {},
      ended() {},
    },
    clock,
    log: { error: log, warn: log, info: log, debug: log },
  });
  assert.equal(output.state, "away");
  await drain();
  output.offer(batchOf(1));
  await clock.sleep(11_000);
  output.offer(batchOf(2));
  await drain();
  assert.deepEqual([output.state, rows, output.waiting], ["stuck", [1], 1]);
  confirm();
  await drain();
  assert.deepEqual([output.state, rows, output.waiting], ["open", [1, 2], 0]);
  assert.deepEqual(logged, [
    "telegraf: Telegraf accepts data but reads nothing; restart it if it does not recover",
    "telegraf: Telegraf reads again",
  ]);
  await output.close(0);
  assert.equal(output.state, "away");
});
