import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MAX_WAITING, startOutput } from "../../../../aggregator/outputs/output.ts";
import { type Sink, SinkError } from "../../../../aggregator/outputs/sink.ts";
import type { Batch } from "../../../../aggregator/run-tracker.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { readingOf } from "../../../support/reading.ts";

const batchOf = (...seqs: number[]): Batch => ({
  run: readingOf(1).run,
  epoch: "epoch",
  readings: seqs.map((seq) => readingOf(seq)),
  last: seqs.at(-1) ?? 0,
});

/** A destination in the test's hands, and an output that writes to it in virtual time. */
function outputTo(t: TestContext, settings: { readonly isAway?: boolean; readonly isFinal?: boolean } = {}) {
  const clock = virtualClock();
  const rows: number[] = [];
  const events: string[] = [];
  const said: string[] = [];
  const say = (message: string) => said.push(message);
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
      async write(document) {
        if (isBlocked) {
          await new Promise<void>((resolve) => {
            unblock = resolve;
          });
        }
        signal.throwIfAborted();
        const [, ...lines] = document.trimEnd().split("\n");
        rows.push(...lines.map((line) => Number(line.split(",").at(-1))));
      },
      close: () => loss.abort(new SinkError("closed")),
    };
  }
  const output = startOutput(
    { name: "telegraf", open },
    30_000,
    {
      written: (batches, isKept) => events.push(`written ${batches.map(({ last }) => last)}${isKept ? ", kept" : ""}`),
      unsettled: () => new Map(),
      settled: () => {},
      lagging: (is) => events.push(is ? "lags" : "keeps up"),
      returned: () => events.push("returned"),
      ended: () => events.push("ended"),
    },
    clock,
    { error: say, warn: say, info: say, debug: say },
  );
  t.after(() => output.close(0));
  return {
    clock,
    output,
    rows,
    events,
    said,
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

/** Lets everything happen that waits for nothing, which leaves the clock where it is. */
async function settle() {
  for (let i = 0; i < 100; i += 1) await Promise.resolve();
}

test("when calm, a row leaves at once", async (t) => {
  const { output, rows, events, clock } = outputTo(t);
  await settle();
  output.offer(batchOf(1));
  await settle();
  assert.deepEqual(rows, [1]);
  assert.deepEqual(events, ["written 1, kept"]);
  assert.equal(clock.monotonic(), 0);
});

test("batches that wait are written together and acknowledged together, a turn at a time", async (t) => {
  const { output, events, block, unblock } = outputTo(t);
  await settle();
  block();
  output.offer(batchOf(1));
  await settle();
  for (let first = 2; first < 602; first += 100) {
    output.offer(batchOf(...Array.from({ length: 100 }, (_, i) => first + i)));
  }
  assert.equal(output.waiting, 601);
  unblock();
  await settle();
  assert.deepEqual(events, ["written 1, kept", "written 101,201,301, kept", "written 401,501,601, kept"]);
  assert.equal(output.waiting, 0);
});

test("away from the start: said once, held, tried again, written when it comes; nothing was lost", async (t) => {
  const { output, rows, events, said, clock, comeBack } = outputTo(t, { isAway: true });
  output.offer(batchOf(1));
  await clock.sleep(60_000);
  assert.deepEqual(said, ["telegraf: nobody listens"]);
  comeBack();
  await clock.sleep(5_001);
  assert.deepEqual(rows, [1]);
  assert.match(said[1] ?? "", /^telegraf: back after 6\d\.\d s$/);
  assert.deepEqual(events, ["lags", "keeps up", "written 1, kept"]);
});

test("away for another reason than before: that is said too, each once", async (t) => {
  const { said, clock, setReason } = outputTo(t, { isAway: true });
  await clock.sleep(20_000);
  setReason("no permission");
  await clock.sleep(20_000);
  setReason("nobody listens");
  await clock.sleep(20_000);
  assert.deepEqual(said, ["telegraf: nobody listens", "telegraf: no permission"]);
});

test("lost while nothing is written: said at once, and it returns with something missing", async (t) => {
  const { output, said, events, clock, lose } = outputTo(t);
  await settle();
  output.offer(batchOf(1));
  await settle();
  lose(false);
  await settle();
  assert.deepEqual(said, ["telegraf: Telegraf has closed"]);
  await clock.sleep(1_000);
  assert.deepEqual(events, ["written 1, kept", "returned"]);
});

test("lost in the middle of a document: that is not written, and it returns with something missing", async (t) => {
  const { output, rows, events, clock, block, unblock, lose } = outputTo(t);
  await settle();
  block();
  output.offer(batchOf(1));
  await settle();
  lose(false);
  unblock();
  await clock.sleep(1_000);
  assert.deepEqual([rows, events], [[], ["returned"]]);
});

test("one that takes nothing for ten seconds lags, until it takes something", async (t) => {
  const { output, events, clock, block, unblock } = outputTo(t);
  await settle();
  block();
  output.offer(batchOf(1));
  await clock.sleep(9_999);
  assert.deepEqual(events, []);
  await clock.sleep(2);
  assert.deepEqual(events, ["lags"]);
  unblock();
  await settle();
  assert.deepEqual(events, ["lags", "keeps up", "written 1, kept"]);
});

test("what waits is bounded: beyond it, it lets go of all and returns when it takes something", async (t) => {
  const { output, rows, events, block, unblock } = outputTo(t);
  await settle();
  block();
  output.offer(batchOf(1));
  await settle();
  for (let seq = 2; seq < MAX_WAITING + 10; seq += 1) output.offer(batchOf(seq));
  assert.ok(output.waiting < 100);
  unblock();
  await settle();
  assert.deepEqual(rows.slice(0, 1), [1]);
  assert.equal(events[1], "returned");
});

test("one that can never come back ends, and takes no more", async (t) => {
  const { output, events, said } = outputTo(t, { isAway: true, isFinal: true });
  await settle();
  output.offer(batchOf(1));
  assert.deepEqual([events, said, output.waiting], [["ended"], ["telegraf: nobody listens"], 0]);
});

test("close writes what waits", async (t) => {
  const { output, rows, block, unblock } = outputTo(t);
  await settle();
  block();
  output.offer(batchOf(1));
  await settle();
  output.offer(batchOf(2));
  const closed = output.close(2_000);
  unblock();
  await closed;
  assert.deepEqual(rows, [1, 2]);
});

test("close waits no longer than it may for one that is stuck, and not at all for one that is away", async (t) => {
  const stuck = outputTo(t);
  await settle();
  stuck.block();
  stuck.output.offer(batchOf(1));
  await settle();
  await stuck.output.close(2_000);
  assert.equal(stuck.clock.monotonic(), 2_000);

  const away = outputTo(t, { isAway: true });
  away.output.offer(batchOf(1));
  await settle();
  await away.output.close(2_000);
  assert.equal(away.clock.monotonic(), 0);
});
