import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { connectNotify, createNotify, silentNotify } from "../../../../common/systemd/notify.ts";

const WATCHDOG_MS = 120_000;

/** A notifier on a virtual clock, with the times in seconds at which each message was sent. */
function recorded(watchdogMs = WATCHDOG_MS) {
  const clock = virtualClock();
  const sent: string[] = [];
  const fedAt: number[] = [];
  const notify = createNotify(
    (message) => {
      if (message === "WATCHDOG=1") fedAt.push(clock.monotonic() / 1000);
      else sent.push(message);
      return true;
    },
    watchdogMs,
    clock,
  );
  return { clock, sent, fedAt, notify };
}

test("readiness, each new status and the end are reported once, on one line each", () => {
  const { notify, sent } = recorded();
  notify.ready();
  notify.status("connected");
  notify.status("connected");
  notify.status("away\nREADY=0");
  notify.stopping();
  assert.deepEqual(sent, ["READY=1", "STATUS=connected", "STATUS=away READY=0", "STOPPING=1"]);
});

test("without progress the watchdog is not fed, however long the program runs", async () => {
  const { notify, clock, fedAt } = recorded();
  notify.ready();
  notify.status("starting");
  await clock.sleep(10 * WATCHDOG_MS);
  assert.deepEqual(fedAt, []);
});

test("a poll every hour keeps the watchdog fed in between", async () => {
  const { notify, clock, fedAt } = recorded();
  for (let hour = 0; hour < 3; hour++) {
    notify.progress(3_700_000);
    await clock.sleep(3_600_000);
  }
  notify.stopping();
  const gaps = fedAt.slice(1).map((at, i) => at - (fedAt[i] ?? 0));
  assert.ok(fedAt.length > 300);
  assert.ok(Math.max(...gaps) <= WATCHDOG_MS / 2000, `${Math.max(...gaps)} s`);
});

test("overdue progress ends the feeding, and the next progress resumes it", async () => {
  const { notify, clock, fedAt } = recorded();
  notify.progress(100_000);
  await clock.sleep(500_000);
  assert.ok(Math.max(...fedAt) <= 100);
  notify.progress(100_000);
  assert.equal(fedAt.at(-1), 500);
  notify.stopping();
});

test("many polls a second do not flood systemd", async () => {
  const { notify, clock, fedAt } = recorded();
  for (let poll = 0; poll < 600; poll++) {
    notify.progress(30_000);
    await clock.sleep(100);
  }
  notify.stopping();
  assert.ok(fedAt.length <= 6, `fed ${fedAt.length} times in a minute`);
});

test("without a watchdog, progress sends nothing", async () => {
  const { notify, clock, fedAt } = recorded(0);
  notify.progress(1000);
  await clock.sleep(10_000);
  assert.deepEqual(fedAt, []);
});

test("what could not be sent goes with the next message, the newest of each", () => {
  const sent: string[] = [];
  let isRead = false;
  const notify = createNotify((message) => isRead && sent.push(message) > 0, 0, virtualClock());
  notify.ready();
  notify.status("connecting");
  notify.status("away");
  isRead = true;
  notify.status("connected");
  notify.stopping();
  assert.deepEqual(sent, ["READY=1\nSTATUS=connected", "STOPPING=1"]);
});

test("without systemd nothing is reported", async () => {
  const deps = { clock: virtualClock(), log: silentLog };
  assert.equal(await connectNotify({}, new AbortController().signal, deps), silentNotify);
});
