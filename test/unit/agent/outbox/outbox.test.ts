import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Packr } from "msgpackr/pack";
import { openOutbox } from "../../../../agent/outbox/outbox.ts";
import type { LinkEvents } from "../../../../agent/outbox/zeromq-client.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Log } from "../../../../common/runtime/log.ts";
import { type Acknowledgement, encodeAcknowledgement, encodeRefusal } from "../../../../common/wire/messages.ts";
import { inShort } from "../../../support/entry.ts";
import { readingOf } from "../../../support/reading.ts";

/** An outbox on a link that the test controls. */
function setUp(t: TestContext, bounds = {}) {
  const clock = virtualClock();
  const sent: (string | undefined)[] = [];
  const logged: string[] = [];
  const write = (message: string) => logged.push(message);
  const log: Log = { error: write, warn: write, info: write, debug: write };
  let events: LinkEvents | undefined;
  let isClosed = false;
  const outbox = openOutbox(
    {
      connect(theirs) {
        events = theirs;
        return {
          endpoint: "ipc:///readings.sock",
          async send(message) {
            sent.push(inShort(message));
          },
          close() {
            isClosed = true;
          },
        };
      },
      clock,
      log,
    },
    bounds,
  );
  t.after(() => outbox.close(0));
  assert.ok(events);
  const { up, down, message } = events;
  return {
    clock,
    outbox,
    sent,
    logged,
    up,
    down,
    message,
    isClosed: () => isClosed,
    answer(changed: Partial<Acknowledgement>) {
      const ack = { epoch: "0000000000000001", run: readingOf(1).run, credit: 0, accepted: 0, settled: 0, ...changed };
      message(encodeAcknowledgement(ack));
    },
  };
}

/** Runs everything that does not wait for the clock. */
async function flushMicrotasks() {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

test("a reading is sent once the aggregator has acknowledged the state of the run", async (t) => {
  const { outbox, sent, up, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1"]);
  outbox.put(readingOf(2), 0);
  await flushMicrotasks();
  assert.deepEqual(sent.slice(2), ["from 1 after 1: 2"]);
  assert.equal(outbox.backlog, 2);
  answer({ credit: 2, accepted: 2, settled: 2 });
  assert.equal(outbox.backlog, 0);
});

test("readings put while a message is being sent share the next one", async (t) => {
  const { outbox, sent, up, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  for (const seq of [2, 3, 4]) outbox.put(readingOf(seq), 0);
  await flushMicrotasks();
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1", "from 1 after 1: 2", "from 1 after 2: 3 4"]);
});

test("silence is logged once, and its end once, with the backlog", async (t) => {
  const { clock, outbox, logged, up, answer } = setUp(t);
  for (const seq of [1, 2, 3]) {
    outbox.put(readingOf(seq), 0);
    await clock.sleep(20_000);
  }
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /no aggregator answers at ipc:\/\/\/readings\.sock: readings are kept/);
  up();
  answer({});
  answer({ credit: 3, accepted: 3, settled: 3 });
  assert.equal(logged.length, 2);
  assert.match(logged[1] ?? "", /answers again: 3 readings to deliver/);
});

test("silence over an open link is logged", async (t) => {
  const { clock, outbox, logged, up } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  await clock.sleep(4_999);
  assert.deepEqual(logged, []);
  await clock.sleep(2);
  assert.equal(logged.length, 1);
});

test("nothing is logged while the aggregator answers, even if its output takes nothing", async (t) => {
  const { clock, outbox, logged, up, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  answer({});
  await clock.sleep(50_000);
  assert.deepEqual(logged, []);
});

test("after a minute without progress the state is requested again, in case a message was lost", async (t) => {
  const { clock, outbox, sent, up, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  answer({});
  await clock.sleep(60_001);
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1", "ask 1"]);
  answer({});
  await flushMicrotasks();
  assert.deepEqual(sent.slice(3), ["from 1 after 0: 1"]);
});

test("the state of a run is requested again within a minute, while readings of another one are delivered", async (t) => {
  const { clock, outbox, sent, up, answer } = setUp(t);
  const OTHER_RUN = "aaaaaaaaaaaaaaaa";
  outbox.put({ ...readingOf(9), run: OTHER_RUN }, 0);
  up();
  await flushMicrotasks();
  assert.deepEqual(sent.splice(0), ["ask 9"]);
  answer({});
  for (let seq = 1; seq <= 6; seq += 1) {
    outbox.put(readingOf(seq), 0);
    await clock.sleep(5_000);
    answer({ credit: seq, accepted: seq, settled: seq });
    await clock.sleep(5_001);
  }
  assert.equal(sent.filter((message) => message === "ask 9").length, 1);
  answer({ run: OTHER_RUN, credit: 8, accepted: 8, settled: 8 });
  await flushMicrotasks();
  assert.equal(sent.at(-1), "from 9 after 8: 9");
});

test("while there is progress the state is not requested again, however long it takes", async (t) => {
  const { clock, outbox, sent, up, answer } = setUp(t);
  up();
  for (let seq = 1; seq <= 10; seq += 1) outbox.put(readingOf(seq), 0);
  answer({});
  await flushMicrotasks();
  for (let credit = 1; credit <= 9; credit += 1) {
    await clock.sleep(20_000);
    answer({ credit, accepted: credit, settled: credit });
  }
  assert.deepEqual(
    sent.filter((message) => message?.startsWith("ask")),
    ["ask 1"],
  );
});

test("without readings nothing is sent and nothing logged", async (t) => {
  const { clock, logged, sent, up } = setUp(t);
  up();
  await clock.sleep(3_600_000);
  assert.deepEqual([logged, sent], [[], []]);
});

test("a reply that is not an acknowledgement changes nothing and is logged once", async (t) => {
  const { outbox, logged, up, message, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  message(Buffer.from("HTTP/1.1 400 Bad Request"));
  message(Buffer.from([0xc1]));
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /reply of ipc:.* is unusable/);
  assert.equal(outbox.backlog, 1);
});

test("an aggregator of another version is logged once, with the remedy", async (t) => {
  const { outbox, logged, up, message } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  for (let i = 0; i < 2; i += 1) message(new Packr({ useRecords: false }).pack({ v: 3, t: "ack" }));
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /wire version 3, expected 2: install the same version of bms-agent and bms-aggregator/);
});

test("beyond the bound the oldest are dropped, logged once until all is delivered", async (t) => {
  const { outbox, logged, up, answer } = setUp(t, { memoryBytes: 1_000 });
  for (let seq = 1; seq <= 10; seq += 1) outbox.put(readingOf(seq), 0);
  assert.equal(outbox.dropped + outbox.backlog, 10);
  assert.ok(outbox.dropped > 0);
  assert.equal(logged.length, 1);
  assert.match(logged[0] ?? "", /1 readings are dropped: no more than 2 can be kept, the oldest are dropped first/);
  up();
  answer({});
  await flushMicrotasks();
  answer({ credit: 10, accepted: 10, settled: 10 });
  for (let seq = 11; seq <= 20; seq += 1) outbox.put(readingOf(seq), 0);
  assert.equal(logged.length, 2);
});

test("a reading with an impossible value is kept without it", (t) => {
  const { outbox, logged } = setUp(t);
  outbox.put(readingOf(1, { sample: { volts: Number.NaN, amps: 2 } }), 0);
  assert.deepEqual([outbox.backlog, outbox.dropped], [1, 0]);
  assert.deepEqual(logged, []);
});

test("close waits until everything is accepted", async (t) => {
  const { outbox, up, answer, isClosed } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  const closed = outbox.close(5_000);
  assert.ok(!isClosed());
  answer({ credit: 1, accepted: 1 });
  assert.deepEqual(await closed, { unaccepted: 0, unsettled: 1, lost: 0 });
  assert.ok(isClosed());
});

test("close waits no longer than the grace time, and returns what is left", async (t) => {
  const { clock, outbox } = setUp(t);
  outbox.put(readingOf(1), 0);
  outbox.put(readingOf(2), 0);
  assert.deepEqual(await outbox.close(3_000), { unaccepted: 2, unsettled: 2, lost: 2 });
  assert.equal(clock.monotonic(), 3_000);
});

test("accepted readings that are never settled are asked for again: the aggregator may have forgotten the run", async (t) => {
  const { clock, outbox, sent, up, answer } = setUp(t);
  up();
  outbox.put(readingOf(1), 0);
  answer({});
  await flushMicrotasks();
  answer({ credit: 1, accepted: 1 });
  sent.length = 0;
  await clock.sleep(599_000);
  assert.deepEqual(sent, []);
  await clock.sleep(1_000);
  await flushMicrotasks();
  assert.deepEqual(sent, ["ask 1"]);
  answer({});
  await flushMicrotasks();
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1"]);
  answer({ credit: 1, accepted: 1, settled: 1 });
  await clock.sleep(3_600_000);
  assert.equal(sent.length, 2);
});

test("a meter that belongs to another host is logged with its remedy, requested again every minute, and delivered once it is moved", async (t) => {
  const { clock, outbox, sent, logged, up, message, answer } = setUp(t);
  const refuse = () => message(encodeRefusal({ run: readingOf(1).run, host: "shed", owner: "local" }));
  outbox.put(readingOf(1), 0);
  up();
  refuse();
  await clock.sleep(60_001);
  refuse();
  await clock.sleep(60_001);
  answer({});
  await flushMicrotasks();
  assert.deepEqual(sent, ["ask 1", "ask 1", "ask 1", "from 1 after 0: 1"]);
  assert.equal(logged.filter((line) => /sudo bmsctl hosts move \S+ shed/.test(line)).length, 1);
  assert.equal(outbox.dropped, 0);
});
