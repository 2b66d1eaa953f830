import type { TestContext } from "node:test";
import { type Outbox, openOutbox } from "../../agent/outbox/outbox.ts";
import { connectAggregator } from "../../agent/outbox/zeromq-client.ts";
import type { Reading } from "../../common/model/reading.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { silentLog } from "../../common/runtime/log.ts";
import { readingOf } from "./reading.ts";

/** An outbox over real ZeroMQ with its own run, closed with the test. */
export interface Sender {
  readonly outbox: Outbox;
  /** Adds the next `count` readings. */
  put(count: number, changed?: Partial<Reading>): void;
}

let senders = 0;

export function sendTo(t: TestContext, endpoint: string, changed: Partial<Reading> = {}): Sender {
  senders += 1;
  const run = senders.toString(16).padStart(16, "0");
  const outbox = openOutbox({
    connect: (events) => connectAggregator(endpoint, events, { clock: systemClock, uid: process.getuid?.() ?? 0 }),
    clock: systemClock,
    log: silentLog,
  });
  t.after(() => outbox.close(0));
  let seq = 0;
  return {
    outbox,
    put(count, changedNow) {
      for (let i = 0; i < count; i += 1) {
        seq += 1;
        outbox.put(readingOf(seq, { run, ...changed, ...changedNow }), 0);
      }
    },
  };
}
