import type { TestContext } from "node:test";
import { type Outbox, openOutbox } from "../../agent/outbox/outbox.ts";
import { connectDealer } from "../../agent/outbox/zeromq-client.ts";
import type { Reading } from "../../common/model/reading.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { readingOf } from "./reading.ts";

/** An outbox over real ZeroMQ with a run of its own, ended with the test. */
export interface Sender {
  readonly outbox: Outbox;
  /** Puts the next so many readings. */
  put(count: number): void;
  readonly said: readonly string[];
}

let senders = 0;

export function sendTo(t: TestContext, endpoint: string, changed: Partial<Reading> = {}): Sender {
  senders += 1;
  const run = senders.toString(16).padStart(16, "0");
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  const outbox = openOutbox({
    connect: (events) => connectDealer(endpoint, events),
    clock: systemClock,
    log: { error: say, warn: say, info: say, debug: say },
  });
  t.after(() => outbox.close(0));
  let seq = 0;
  return {
    outbox,
    said,
    put(count) {
      for (let i = 0; i < count; i += 1) {
        seq += 1;
        outbox.put(readingOf(seq, { run, ...changed }));
      }
    },
  };
}
