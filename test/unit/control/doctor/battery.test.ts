// cspell:ignore INTERVALL
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentStatus } from "../../../../common/model/status.ts";
import { type BatteryFacts, checkBattery } from "../../../../control/doctor/battery.ts";
import { formatFinding } from "../../../../control/doctor/finding.ts";
import type { UnitState } from "../../../../control/setup/systemd.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { unitState } from "../../../support/fake-systemd.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const LAST_READING = { lastReadingAt: NOW - 4_000 };
const SINCE = Date.UTC(2026, 0, 2, 3);

interface Case extends Partial<BatteryFacts> {
  readonly service?: Partial<UnitState>;
  readonly status?: Partial<AgentStatus>;
  readonly isReleased?: boolean;
}

/** The doctor's lines about a battery. */
function lines({ service, status = LAST_READING, isReleased = false, ...facts }: Case = {}): string {
  const state = unitState(service);
  const battery = {
    name: "solar",
    address: "C0:00:00:00:00:01",
    service: state,
    status: state.active === "active" ? agentStatusOf(status) : undefined,
    isReleased,
  };
  const findings = checkBattery(battery, {
    variables: new Map([["BMS_INTERVAL", "10"]]),
    fileMode: 0o100644,
    lastLogLine: "",
    endpoint: "ipc:///run/bms/readings.sock",
    now: NOW,
    ...facts,
  });
  return findings
    .map((finding) => formatFinding(finding))
    .join("")
    .trimEnd();
}

const away = (kind: string, message: string) => ({ state: "away", since: SINCE, fault: { kind, message } }) as const;

for (const [about, given, expected] of [
  ["a battery that was read a moment ago", {}, /^OK {5}solar: connected, 0 readings, backlog 0, last 2026-/],
  [
    "wrong options",
    { service: { active: "failed", exit: 2 }, lastLogLine: '--interval "x": expected seconds' },
    /^WRONG .*has wrong options: --interval "x": expected seconds: correct \/etc\/bms\/agents\/solar\.env, then/,
  ],
  [
    "a service that has failed",
    { service: { active: "failed", exit: 1 } },
    /^WRONG .*has failed: sudo systemctl start bms-agent@solar\.service$/,
  ],
  [
    "a service that fails again and again",
    { service: { active: "activating", sub: "auto-restart" } },
    /^WRONG .*fails again and again: journalctl -u bms-agent@solar\.service$/,
  ],
  ["a service that is starting", { service: { active: "activating", sub: "start" } }, /^\? .*: is starting$/],
  [
    "a service that was stopped",
    { service: { active: "inactive" } },
    /^WRONG .*is not running: sudo systemctl enable --now/,
  ],
  [
    "a released battery",
    { service: { active: "inactive" }, isReleased: true },
    /^OK .*is released; sudo systemctl start/,
  ],
  ["an agent that has just started", { status: { state: "connecting" } }, /^\? .*is connecting$/],
  [
    "a fault with its own remedy",
    { status: away("adapter-off", "hci0 is off: bluetoothctl power on") },
    /^WRONG .*no answer since 2026-01-02T03:00:00Z \(hci0 is off: bluetoothctl power on\)$/,
  ],
  [
    "a lost link",
    { status: away("disconnected", "link lost") },
    /link lost\): check that it is on, in range, and not connected to a phone$/,
  ],
  [
    "a bad answer",
    { status: { fault: { kind: "checksum", message: "wrong checksum" } } },
    /^WRONG .*connected, last answer bad \(wrong checksum\): check that/,
  ],
  [
    "an old reading",
    { now: NOW + 300_000 },
    /^WRONG .*is connected, but its last reading is old: sudo systemctl restart/,
  ],
  ["a long interval", { now: NOW + 300_000, variables: new Map([["BMS_INTERVAL", "600"]]) }, /^OK .*connected/],
  [
    "a password that everybody may read",
    { variables: new Map([["BMS_PIN", "123456"]]) },
    /^OK .*\nWRONG .*its password can be read by every user of this computer: put it into \/etc\/bms\/pins\/solar /,
  ],
  [
    "a password that only the group may read",
    { variables: new Map([["BMS_PIN", "123456"]]), fileMode: 0o100640 },
    /^OK .*\nWRONG .*its password can be read by the other agents: put it into \/etc\/bms\/pins\/solar .*bms-agent@solar/,
  ],
  [
    "a misspelt setting",
    { variables: new Map([["BMS_INTERVALL", "5"]]) },
    /^OK .*\nWRONG {2}solar: in \/etc\/bms\/agents\/solar\.env, BMS_INTERVALL is not an option.*mean BMS_INTERVAL\?$/,
  ],
  [
    "an endpoint where no aggregator listens",
    { variables: new Map([["BMS_ENDPOINT", "ipc:///tmp/elsewhere.sock"]]) },
    /\nWRONG .*delivers to ipc:\/\/\/tmp\/elsewhere\.sock, but the aggregator listens at ipc:\/\/\/run/,
  ],
] as readonly (readonly [string, Case, RegExp])[]) {
  test(`the doctor reports ${about}`, () => {
    assert.match(lines(given), expected);
    assert.ok(!lines(given).includes("123456"));
  });
}
