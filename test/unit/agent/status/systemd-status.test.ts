import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Answer, Failure, Poll } from "../../../../agent/polling/poll-loop.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { createDeviceState } from "../../../../agent/status/device-status.ts";
import { createServiceReport } from "../../../../agent/status/systemd-status.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { ADDRESS } from "../../../support/fake-device.ts";

const PERIOD_MS = 10_000;
const answer: Answer = {
  ok: true,
  links: 1,
  driver: "fake",
  sample: {},
  moment: 0,
  latencyMs: 5,
  rssi: undefined,
};
const away: Failure = {
  ok: false,
  links: 1,
  driver: "fake",
  error: new RadioError("not-found", "not in range"),
  asked: true,
  retryMs: 30_000,
};
const bad: Failure = { ...away, error: new FrameError("checksum", "wrong checksum"), retryMs: undefined };

function scene(backlog = 0) {
  const clock = virtualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const statuses: string[] = [];
  const patiences: number[] = [];
  const notify = {
    status: (line: string) => void statuses.push(line),
    progress: (ms: number) => void patiences.push(ms),
  };
  const plan = { address: ADDRESS, drivers: [], settings: {}, periodMs: PERIOD_MS };
  const device = createDeviceState(clock);
  const tell = createServiceReport(plan, device, { backlog }, notify, clock);
  const report = (poll: Poll) => {
    device.observe(poll);
    tell(poll);
  };
  return { clock, statuses, patiences, report };
}

test("the status tells at a glance how the device is", async () => {
  const { clock, statuses, report } = scene(1234);
  for (const poll of [answer, bad, away, away, answer]) {
    report(poll);
    await clock.sleep(PERIOD_MS);
  }
  assert.deepEqual(statuses, [
    `connecting to ${ADDRESS}`,
    "connected, 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "connected, last answer bad (wrong checksum), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "no answer since 2026-01-02T03:04:25Z (not in range), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "no answer since 2026-01-02T03:04:25Z (not in range), 1 readings, backlog 1,234, last 2026-01-02T03:04:05Z",
    "connected, 2 readings, backlog 1,234, last 2026-01-02T03:04:45Z",
  ]);
});

test("twenty polls a second make one status a second, but a change is told at once", async () => {
  const { clock, statuses, report } = scene();
  for (let poll = 0; poll < 60; poll++) {
    report(answer);
    await clock.sleep(50);
  }
  report(away);
  assert.equal(statuses.length, 1 + 3 + 1);
  assert.match(statuses.at(-1) ?? "", /^no answer since/);
});

test("each poll is progress, and the next may take as long as the plan and its retry say", () => {
  const { patiences, report } = scene();
  for (const poll of [answer, bad, away]) report(poll);
  assert.deepEqual(patiences, [120_000, 130_000, 130_000, 160_000]);
});
