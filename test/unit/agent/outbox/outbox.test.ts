import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Packr } from "msgpackr/pack";
import { openOutbox } from "../../../../agent/outbox/outbox.ts";
import type { LinkEvents } from "../../../../agent/outbox/zeromq-client.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Log } from "../../../../common/runtime/log.ts";
import { type Acknowledgement, encodeAcknowledgement } from "../../../../common/wire/messages.ts";
import { inShort } from "../../../support/entry.ts";
import { readingOf } from "../../../support/reading.ts";

/** An outbox on a link that the test holds in its hands. */
function outboxOnPaper(t: TestContext, bounds = {}) {
  const clock = virtualClock();
  const sent: (string | undefined)[] = [];
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  const log: Log = { error: say, warn: say, info: say, debug: say };
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
    said,
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

/** Lets everything happen that waits for nothing, which leaves the clock where it is. */
async function settle() {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

test("a reading leaves as soon as the aggregator has told where it stands", async (t) => {
  const { outbox, sent, up, answer } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  await settle();
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1"]);
  outbox.put(readingOf(2));
  await settle();
  assert.deepEqual(sent.slice(2), ["from 1 after 1: 2"]);
  assert.equal(outbox.backlog, 2);
  answer({ credit: 2, accepted: 2, settled: 2 });
  assert.equal(outbox.backlog, 0);
});

test("readings put while a message is on its way travel together", async (t) => {
  const { outbox, sent, up, answer } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  await settle();
  for (const seq of [2, 3, 4]) outbox.put(readingOf(seq));
  await settle();
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1", "from 1 after 1: 2", "from 1 after 2: 3 4"]);
});

test("says once that nobody answers and once that somebody does, with what waits", async (t) => {
  const { clock, outbox, said, up, answer } = outboxOnPaper(t);
  for (const seq of [1, 2, 3]) {
    outbox.put(readingOf(seq));
    await clock.sleep(20_000);
  }
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /no aggregator answers at ipc:\/\/\/readings\.sock: readings are kept/);
  up();
  answer({});
  answer({ credit: 3, accepted: 3, settled: 3 });
  assert.equal(said.length, 2);
  assert.match(said[1] ?? "", /answers again: 3 readings to deliver/);
});

test("says that nobody answers when a link is there and silent", async (t) => {
  const { clock, outbox, said, up } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  await clock.sleep(4_999);
  assert.deepEqual(said, []);
  await clock.sleep(2);
  assert.equal(said.length, 1);
});

test("keeps quiet while the aggregator answers, even where its output takes nothing", async (t) => {
  const { clock, outbox, said, up, answer } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  await settle();
  answer({});
  await clock.sleep(50_000);
  assert.deepEqual(said, []);
});

test("asks again after a minute without progress, should a message have been lost", async (t) => {
  const { clock, outbox, sent, up, answer } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  await settle();
  answer({});
  await clock.sleep(60_001);
  assert.deepEqual(sent, ["ask 1", "from 1 after 0: 1", "ask 1"]);
  answer({});
  await settle();
  assert.deepEqual(sent.slice(3), ["from 1 after 0: 1"]);
});

test("without anything to deliver it waits for nothing", async (t) => {
  const { clock, said, sent, up } = outboxOnPaper(t);
  up();
  await clock.sleep(3_600_000);
  assert.deepEqual([said, sent], [[], []]);
});

test("a reply that is not an acknowledgement changes nothing and is logged once", async (t) => {
  const { outbox, said, up, message, answer } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  message(Buffer.from("HTTP/1.1 400 Bad Request"));
  message(Buffer.from([0xc1]));
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /reply of ipc:.* is unusable/);
  assert.equal(outbox.backlog, 1);
});

test("an aggregator of another version is logged once, with the remedy", async (t) => {
  const { outbox, said, up, message } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  for (let i = 0; i < 2; i += 1) message(new Packr({ useRecords: false }).pack({ v: 3, t: "ack" }));
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /wire version 3, expected 2: install the same version of bms-agent and bms-aggregator/);
});

test("drops the oldest beyond its bound, and says so once until all is delivered", async (t) => {
  const { outbox, said, up, answer } = outboxOnPaper(t, { bytes: 100 });
  for (let seq = 1; seq <= 10; seq += 1) outbox.put(readingOf(seq));
  assert.equal(outbox.dropped + outbox.backlog, 10);
  assert.ok(outbox.dropped > 0);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /the oldest are dropped/);
  up();
  answer({});
  await settle();
  answer({ credit: 10, accepted: 10, settled: 10 });
  for (let seq = 11; seq <= 20; seq += 1) outbox.put(readingOf(seq));
  assert.equal(said.length, 2);
});

test("a reading that no aggregator would take is dropped, counted and said", (t) => {
  const { outbox, said } = outboxOnPaper(t);
  outbox.put(readingOf(1, { sample: { volts: Number.NaN } }));
  assert.deepEqual([outbox.backlog, outbox.dropped], [0, 1]);
  assert.match(said[0] ?? "", /reading 1 is not usable and dropped: volts is NaN/);
});

test("close waits until everything is accepted", async (t) => {
  const { outbox, up, answer, isClosed } = outboxOnPaper(t);
  up();
  outbox.put(readingOf(1));
  answer({});
  await settle();
  const closed = outbox.close(5_000);
  assert.ok(!isClosed());
  answer({ credit: 1, accepted: 1 });
  assert.deepEqual(await closed, { unaccepted: 0, unsettled: 1, lost: 0 });
  assert.ok(isClosed());
});

test("close waits no longer than it may, and tells what is left", async (t) => {
  const { clock, outbox } = outboxOnPaper(t);
  outbox.put(readingOf(1));
  outbox.put(readingOf(2));
  assert.deepEqual(await outbox.close(3_000), { unaccepted: 2, unsettled: 2, lost: 2 });
  assert.equal(clock.monotonic(), 3_000);
});
