// cspell:ignore sekonds
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Staging, stageUnits } from "./staging.ts";

const UNITS = ["bms-agent@solar.service", "bms-aggregator.service", "bms.target"];

function analyze(args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  assert.ifError(error);
  return { status, stdout, stderr };
}

/** Settings of systemd 254 that may be absent: Debian 12's systemd 252 ignores them with a warning. */
const OPTIONAL = /Unknown key (name )?'(RestartSteps|RestartMaxDelaySec)' in section/;

/** Complaints of `systemd-analyze verify`, which exits 0 in spite of unknown settings. */
function complaints(staging: Staging): string {
  const { status, stderr } = analyze(["verify", "--man=no", `--root=${staging.root}`, ...UNITS]);
  const lines = stderr.split("\n").filter((line) => !OPTIONAL.test(line));
  return `${status === 0 ? "" : `exit ${status}\n`}${lines.join("\n")}`;
}

/** Exposure from 0 to 10 as `systemd-analyze security` counts it. */
function exposure(staging: Staging, unit: string): number {
  const { stdout, stderr } = analyze(["security", "--offline=true", `--root=${staging.root}`, "--no-pager", unit]);
  const found = /Overall exposure level for .*: (\d+\.\d)/.exec(stdout);
  assert.ok(found, `no exposure for ${unit}: ${stderr}`);
  return Number(found[1]);
}

function withUnits(check: (staging: Staging) => void) {
  const staging = stageUnits();
  try {
    check(staging);
  } finally {
    staging.remove();
  }
}

test("systemd knows every setting in the units", () => {
  withUnits((staging) => assert.equal(complaints(staging), ""));
});

test("an unknown setting is detected", () => {
  withUnits((staging) => {
    staging.dropIn("bms-aggregator.service", { lines: "[Service]\nRestartSekonds=1\n" });
    assert.match(complaints(staging), /RestartSekonds/);
  });
});

for (const [about, unit, dropIn, atMost] of [
  ["an agent over D-Bus", "bms-agent@solar.service", undefined, 1.0],
  ["the aggregator", "bms-aggregator.service", undefined, 0.3],
  ["an agent on raw HCI", "bms-agent@solar.service", "raw-hci.conf", 1.5],
] as const) {
  test(`exposure of ${about} is at most ${atMost}`, (t) => {
    withUnits((staging) => {
      if (dropIn) staging.dropIn("bms-agent@.service", { file: dropIn });
      assert.equal(complaints(staging), "");
      const measured = exposure(staging, unit);
      t.diagnostic(`exposure of ${about}: ${measured}`);
      assert.ok(measured <= atMost, `${measured}`);
    });
  });
}

test("a weaker unit exceeds the limit", () => {
  withUnits((staging) => {
    staging.dropIn("bms-agent@.service", { lines: "[Service]\nProtectSystem=no\nSystemCallFilter=\nUser=root\n" });
    assert.ok(exposure(staging, "bms-agent@solar.service") > 1.0);
  });
});
