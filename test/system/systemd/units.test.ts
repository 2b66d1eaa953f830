// cspell:ignore sekonds
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Staging, stageUnits } from "./staging.ts";

const UNITS = [
  "bms-agent@solar.service",
  "bms-aggregator.service",
  "bms-viewer.service",
  "bms-viewer.socket",
  "bms-settings-watch.service",
  "bms-settings-watch.timer",
  "bms.target",
];

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
  ["an aggregator without JIT", "bms-aggregator.service", "aggregator-without-jit.conf", 0.3],
  ["an agent on raw HCI", "bms-agent@solar.service", "raw-hci.conf", 1.5],
  ["an aggregator to which other hosts deliver", "bms-aggregator.service", "aggregator-network.conf", 1.2],
  ["an agent that delivers to another host", "bms-agent@solar.service", "agent-network.conf", 1.2],
  ["the viewer", "bms-viewer.service", undefined, 0.3],
  ["a viewer that sends alerts", "bms-viewer.service", "alerts-network.conf", 1.2],
] as const) {
  test(`exposure of ${about} is at most ${atMost}`, (t) => {
    withUnits((staging) => {
      if (dropIn) staging.dropIn(unit.replace("@solar", "@"), { file: dropIn });
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

/** The address that the page's socket has with a line of viewer.env; undefined: its own. */
function generatedAddress(staging: Staging, line: string): string | undefined {
  const env = join(staging.root, "viewer.env");
  writeFileSync(env, `# a comment\n${line}\n`);
  const generator = join(import.meta.dirname, "../../../systemd/system-generators/bms-viewer");
  const { status, stderr } = spawnSync(generator, [staging.root], { env: { ...process.env, BMS_VIEWER_ENV: env } });
  assert.equal(status, 0, String(stderr));
  try {
    const dropIn = readFileSync(join(staging.root, "bms-viewer.socket.d/http.conf"), "utf8");
    staging.dropIn("bms-viewer.socket", { lines: dropIn });
    return /^ListenStream=(.+)$/m.exec(dropIn)?.[1];
  } catch {
    return undefined;
  }
}

for (const [line, address] of [
  ["BMS_HTTP=0.0.0.0:8470", "0.0.0.0:8470"],
  ['BMS_HTTP="192.168.1.5:80"', "192.168.1.5:80"],
  ["BMS_HTTP=[::]:8470", "[::]:8470"],
  ["BMS_HTTP=localhost:9000", "127.0.0.1:9000"],
  ["BMS_HTTP=10.0.0.1:1\nBMS_HTTP=10.0.0.2:2", "10.0.0.2:2"],
  ["#BMS_HTTP=0.0.0.0:8470", undefined],
  ["BMS_HTTP=", undefined],
  ["BMS_HTTP=8470", undefined],
  ["BMS_HTTP=256.0.0.1:8470", undefined],
  ["BMS_HTTP=0.0.0.0:65536", undefined],
  ["BMS_HTTP=0.0.0.0:80\\nExecStartPre=/bin/sh", undefined],
] as const) {
  test(`the page's socket with ${JSON.stringify(line)} listens on ${address ?? "its own address"}`, () => {
    withUnits((staging) => {
      assert.equal(generatedAddress(staging, line), address);
      assert.equal(complaints(staging), "");
    });
  });
}
