import assert from "node:assert/strict";
import { test } from "node:test";
import type { Poll } from "../../../../agent/polling/poll-loop.ts";
import { createAgentStatus } from "../../../../agent/status/agent-status.ts";
import { createSystemdStatus } from "../../../../agent/status/systemd-status.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { ANSWER, AWAY, BAD_ANSWER } from "../../../support/polls.ts";
import { ADDRESS } from "../../../support/scripted-device.ts";

const PERIOD_MS = 10_000;

function setUp(backlog = 0) {
  const clock = virtualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const lines: string[] = [];
  const deadlines: number[] = [];
  const notify = {
    status: (line: string) => void lines.push(line),
    progress: (ms: number) => void deadlines.push(ms),
  };
  const status = createAgentStatus(
    { meter: "bms", address: ADDRESS },
    { outbox: { backlog, dropped: 0 }, timekeeper: { state: undefined }, clock },
  );
  const plan = { address: ADDRESS, drivers: [], settings: {}, periodMs: PERIOD_MS };
  const report = createSystemdStatus(plan, { status: status.current, notify, clock });
  const onPoll = (poll: Poll) => {
    status.onPoll(poll);
    report(poll);
  };
  return { clock, lines, deadlines, onPoll };
}

test("the status line follows the polls", async () => {
  const { clock, lines, onPoll } = setUp(1234);
  for (const poll of [ANSWER, BAD_ANSWER, AWAY, AWAY, ANSWER]) {
    onPoll(poll);
    await clock.sleep(PERIOD_MS);
  }
  assert.deepEqual(lines, [
    `connecting to ${ADDRESS}`,
    "connected, 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "connected, last answer bad (wrong checksum), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "no answer since 2026-01-02T03:04:25Z (not in range), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "no answer since 2026-01-02T03:04:25Z (not in range), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "connected, 2 readings, backlog 1,234, last 2026-01-02T03:04:45Z",
  ]);
});

test("twenty polls a second make one line a second, but a change of state is reported at once", async () => {
  const { clock, lines, onPoll } = setUp();
  for (let poll = 0; poll < 60; poll++) {
    onPoll(ANSWER);
    await clock.sleep(50);
  }
  onPoll(AWAY);
  assert.equal(lines.length, 1 + 3 + 1);
  assert.match(lines.at(-1) ?? "", /^no answer since/);
});

test("each poll is progress, and the watchdog allows for the period and the delay before reconnecting", () => {
  const { deadlines, onPoll } = setUp();
  for (const poll of [ANSWER, BAD_ANSWER, AWAY]) onPoll(poll);
  assert.deepEqual(deadlines, [120_000, 130_000, 130_000, 160_000]);
});
