import assert from "node:assert/strict";
import { test } from "node:test";
import { isClockSet } from "../../../../agent/polling/clock-synchronised.ts";

const CASES: readonly [about: string, uptimeMs: number, synchronised: boolean, expected: boolean][] = [
  ["just booted", 5_000, false, false],
  ["just booted, and synchronised", 5_000, true, true],
  ["shortly before two minutes", 119_999, false, false],
  ["two minutes after boot the clock is trusted in any case", 120_000, false, true],
];

for (const [about, uptimeMs, synchronised, expected] of CASES) {
  test(about, () => {
    assert.equal(
      isClockSet(uptimeMs, (path) => synchronised && path === "/run/systemd/timesync/synchronized"),
      expected,
    );
  });
}
