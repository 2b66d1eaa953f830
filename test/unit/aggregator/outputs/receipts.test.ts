import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { requestReceipts } from "../../../../aggregator/outputs/receipts.ts";
import { SinkError } from "../../../../aggregator/outputs/sink.ts";
import type { Progress } from "../../../../aggregator/run-tracker.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";

/** A receiver in virtual time that answers each request for a receipt after 1 ms, and none while it is stuck. */
function receiver(t: TestContext, settleMs: number) {
  const clock = virtualClock();
  const loss = new AbortController();
  t.after(() => loss.abort(new SinkError("over")));
  const events: string[] = [];
  let written = 0;
  let settled = 0;
  let asked = 0;
  let isStuck = false;
  let release = () => {};
  const receipts = requestReceipts(
    {
      lost: loss.signal,
      async beginReceipt() {
        asked += 1;
        if (!isStuck) return { read: clock.sleep(1) };
        return {
          read: new Promise((resolve) => {
            release = resolve;
          }),
        };
      },
    },
    settleMs,
    {
      unsettled: (): Progress => new Map(written > settled ? [["run", written]] : []),
      settled(progress) {
        settled = progress.get("run") ?? Number.NaN;
        events.push(`${Math.round(clock.monotonic() / 1000)} s: settled ${settled}`);
      },
      stuck(is) {
        events.push(`${Math.round(clock.monotonic() / 1000)} s: ${is ? "stuck" : "reads again"}`);
      },
      clock,
    },
  );
  return {
    clock,
    events,
    loss,
    asked: () => asked,
    write() {
      written += 1;
      receipts.review();
    },
    stick() {
      isStuck = true;
    },
    unstick() {
      isStuck = false;
      release();
    },
  };
}

test("written readings are settled after a receipt and a full window, and then nothing more is requested", async (t) => {
  const { clock, events, write, asked } = receiver(t, 30_000);
  write();
  await clock.sleep(36_000);
  assert.deepEqual(events, ["35 s: settled 1"]);
  const before = asked();
  await clock.sleep(3_600_000);
  assert.equal(asked(), before);
});

test("a steady stream is settled steadily", async (t) => {
  const { clock, events, write } = receiver(t, 30_000);
  for (let second = 0; second < 60; second += 12) {
    write();
    await clock.sleep(12_000);
  }
  assert.deepEqual(events, [
    "35 s: settled 1",
    "40 s: settled 1",
    "45 s: settled 2",
    "50 s: settled 2",
    "55 s: settled 3",
  ]);
});

test("without a window the receipt settles", async (t) => {
  const { clock, events, write } = receiver(t, 0);
  write();
  await clock.sleep(300);
  assert.deepEqual(events, ["0 s: settled 1"]);
});

test("a receiver without a receipt for ten seconds is stuck; nothing is settled before it has worked for a full window", async (t) => {
  const { clock, events, write, stick, unstick } = receiver(t, 30_000);
  write();
  await clock.sleep(12_000);
  stick();
  await clock.sleep(3_600_000 - 12_000);
  assert.deepEqual(events, ["25 s: stuck"]);
  unstick();
  await clock.sleep(60_000);
  assert.deepEqual(events.slice(1), ["3600 s: reads again", "3625 s: settled 1"]);
});

test("a lost receiver gets no further request", async (t) => {
  const { clock, loss, write, asked } = receiver(t, 30_000);
  write();
  await clock.sleep(12_000);
  const before = asked();
  loss.abort(new SinkError("gone"));
  await clock.sleep(60_000);
  assert.equal(asked(), before);
});
