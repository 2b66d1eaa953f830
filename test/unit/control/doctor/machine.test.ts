import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ClockEvidence } from "../../../../agent/clock/clock-state.ts";
import type { Finding } from "../../../../control/doctor/finding.ts";
import { checkClock, checkDisk } from "../../../../control/doctor/machine.ts";

const NOW = Date.UTC(2026, 5, 1);
const UNSET: ClockEvidence = {
  wallMs: NOW,
  uptimeMs: 5_000,
  isSynchronised: false,
  isMarked: false,
  rtcMs: undefined,
};

const CLOCKS: readonly [about: string, evidence: Partial<ClockEvidence>, verdict: Finding["verdict"], text: RegExp][] =
  [
    ["is synchronised", { isSynchronised: true }, "ok", /^is synchronised/],
    ["was set by timesyncd", { isMarked: true, isSynchronised: undefined }, "ok", /^is synchronised/],
    ["was set by timesyncd and is not kept", { isMarked: true }, "note", /^is not synchronised now/],
    ["was set from a real-time clock only", { rtcMs: NOW }, "note", /set from the real-time clock/],
    ["was not set yet", {}, "wrong", /may get a wrong time/],
    ["was never set", { uptimeMs: 3_600_000 }, "wrong", /may get a wrong time/],
    ["shows 1970", { wallMs: 9_000 }, "wrong", /^shows 1970-01-01, so readings are held/],
  ];

for (const [about, evidence, verdict, text] of CLOCKS) {
  test(`a clock that ${about}: ${verdict}`, () => {
    const finding = checkClock({ ...UNSET, ...evidence }, false);
    assert.equal(finding.verdict, verdict);
    assert.match(finding.message, text);
    if (verdict !== "ok") assert.match(finding.remedy ?? "", /timedatectl set-ntp true/);
  });
}

test("the clock of a container is its host's", () => {
  assert.equal(checkClock(UNSET, true).verdict, "unknown");
  assert.equal(checkClock({ ...UNSET, isSynchronised: true }, true).verdict, "ok");
});

test("a directory with room passes, and the trial leaves nothing behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-disk-"));
  try {
    const { verdict, message } = checkDisk(folder);
    assert.equal(`${verdict} ${message}`.replace(/\d+ MB/, "N MB"), "ok N MB are free for the backlog");
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a directory without room, and one that is not writable, fail", () => {
  // procfs has no room at all.
  const { verdict, message } = checkDisk("/proc");
  assert.equal(verdict, "wrong");
  assert.match(message, /^only 0 MB are free for \/proc/);
  const absent = checkDisk("/nowhere");
  assert.deepEqual([absent.verdict, absent.message], ["unknown", "/nowhere does not exist"]);
  assert.ok(!existsSync("/nowhere"));
});
