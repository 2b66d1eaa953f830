import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClockEvidence, clockState } from "../../../../agent/clock/clock-state.ts";
import type { ClockState } from "../../../../common/model/status.ts";

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;
const BARE: ClockEvidence = {
  wallMs: NOW,
  uptimeMs: 5_000,
  isSynchronised: undefined,
  isMarked: false,
  rtcMs: undefined,
};

const CASES: readonly [about: string, evidence: Partial<ClockEvidence>, expected: ClockState][] = [
  ["just booted, and nobody may ask the kernel", {}, "waiting"],
  ["just booted, and the kernel denies it", { isSynchronised: false }, "waiting"],
  ["synchronised, by the kernel's account", { isSynchronised: true }, "confirmed"],
  ["set by systemd-timesyncd", { isMarked: true, isSynchronised: false }, "confirmed"],
  ["set from a real-time clock at boot", { rtcMs: NOW - 3_000, isSynchronised: false }, "confirmed"],
  ["the real-time clock keeps local time", { rtcMs: NOW + 14 * HOUR }, "confirmed"],
  ["the real-time clock has lost its battery", { rtcMs: 40_000 }, "waiting"],
  ["the real-time clock shows the default day of its board", { rtcMs: Date.UTC(2021, 0, 1) }, "waiting"],
  ["clock and real-time clock show the default day of the board", { wallMs: 60_000, rtcMs: 60_000 }, "impossible"],
  ["shortly before two minutes", { uptimeMs: 119_999 }, "waiting"],
  ["nothing has confirmed it within two minutes", { uptimeMs: 120_000 }, "unconfirmed"],
  ["confirmed later", { uptimeMs: HOUR, isSynchronised: true }, "confirmed"],
  ["the last moment before 2020", { wallMs: Date.UTC(2020, 0, 1) - 1, uptimeMs: HOUR }, "impossible"],
  ["the first moment of 2020", { wallMs: Date.UTC(2020, 0, 1), uptimeMs: HOUR }, "unconfirmed"],
  ["the last moment before 2100", { wallMs: Date.UTC(2100, 0, 1) - 1, uptimeMs: HOUR }, "unconfirmed"],
  ["2100, whoever confirms it", { wallMs: Date.UTC(2100, 0, 1), isSynchronised: true, isMarked: true }, "impossible"],
];

for (const [about, evidence, expected] of CASES) {
  test(`${about}: ${expected}`, () => assert.equal(clockState({ ...BARE, ...evidence }), expected));
}

test("where nobody sets the clock there is no wait, but still no impossible time", () => {
  assert.equal(clockState(BARE, 0), "unconfirmed");
  assert.equal(clockState({ ...BARE, wallMs: 5_000 }, 0), "impossible");
});
