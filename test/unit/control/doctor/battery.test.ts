import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServiceStatus } from "../../../../agent/status/status-line.ts";
import { type BatteryFacts, judgeBattery } from "../../../../control/doctor/battery.ts";
import type { Battery } from "../../../../control/setup/batteries.ts";
import type { UnitState } from "../../../../control/setup/systemd.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const ENDPOINT = "ipc:///run/bms/readings.sock";
const CONNECTED = "connected, 12 readings, backlog 0, last 2026-01-02T03:04:01Z";

function battery(state: Partial<UnitState> = {}, isLent = false): Battery {
  const service = {
    unit: "bms-agent@solar.service",
    load: "loaded",
    active: "active",
    sub: "running",
    enabled: "enabled",
    status: CONNECTED,
    result: "success",
    exit: 0,
    ...state,
  };
  const status = service.active === "active" ? parseServiceStatus(service.status) : undefined;
  return { name: "solar", address: "C0:00:00:00:00:01", service, status, isLent };
}

const facts: BatteryFacts = {
  variables: new Map([["BMS_INTERVAL", "10"]]),
  fileMode: 0o100644,
  lastWords: "",
  endpoint: ENDPOINT,
  now: NOW,
};

const verdict = (of: Battery, more: Partial<BatteryFacts> = {}) =>
  judgeBattery(of, { ...facts, ...more }).map(({ verdict, text }) => `${verdict}: ${text}`);

test("a battery that was read a moment ago is well", () => {
  assert.deepEqual(verdict(battery()), [`ok: ${CONNECTED}`]);
});

for (const [about, state, more, expected] of [
  [
    "wrong options",
    { active: "failed", exit: 2 },
    { lastWords: '--interval "x": say seconds' },
    /^wrong: has wrong options: --interval "x": say seconds; mend \/etc\/bms\/agents\/solar\.env/,
  ],
  [
    "an end",
    { active: "failed", exit: 1 },
    {},
    /^wrong: has ended, and "journalctl -u bms-agent@solar\.service" tells why/,
  ],
  ["ends again and again", { active: "activating", sub: "auto-restart" }, {}, /^wrong: ends again and again/],
  ["a start", { active: "activating", sub: "start" }, {}, /^unknown: is starting/],
  ["a service that was stopped", { active: "inactive" }, {}, /^wrong: does not run: sudo systemctl enable --now/],
  [
    "a device that does not answer",
    { status: "no answer since 2026-01-02T03:00:00Z (it is not heard: switch it on), 12 readings, backlog 0" },
    {},
    /^wrong: no answer since 2026-01-02T03:00:00Z \(it is not heard: switch it on\)$/,
  ],
  [
    "a device whose link is lost",
    { status: "no answer since 2026-01-02T03:00:00Z (C0:00:00:00:00:01: link lost), 12 readings, backlog 0" },
    {},
    /link lost\): see that it is on, near enough, and connected to no phone$/,
  ],
  ["an agent that has just begun", { status: "connecting to C0:00:00:00:00:01" }, {}, /^unknown: runs: connecting to/],
  ["an old reading", {}, { now: NOW + 300_000 }, /^wrong: says that it is connected, but its last reading is old/],
  ["a slow interval", {}, { now: NOW + 300_000, variables: new Map([["BMS_INTERVAL", "600"]]) }, /^ok: connected/],
] as const) {
  test(`the doctor tells ${about}`, () => assert.match(verdict(battery(state), more).join("\n"), expected));
}

test("a battery that is lent is well", () => {
  assert.match(verdict(battery({ active: "inactive" }, true)).join(), /^ok: is lent/);
});

test("a password that everybody may read is told, beside whatever else there is", () => {
  const variables = new Map([["BMS_PIN", "123456"]]);
  assert.deepEqual(verdict(battery(), { variables, fileMode: 0o100640 }).length, 1);
  const [, told = ""] = verdict(battery(), { variables, fileMode: 0o100644 });
  assert.match(told, /^wrong: its password can be read by every user.*chmod 640 \/etc\/bms\/agents\/solar\.env$/);
  assert.ok(!told.includes("123456"));
});

test("an endpoint where no aggregator listens is told", () => {
  const variables = new Map([["BMS_ENDPOINT", "ipc:///tmp/elsewhere.sock"]]);
  const [, told = ""] = verdict(battery(), { variables });
  assert.match(
    told,
    /^wrong: delivers to ipc:\/\/\/tmp\/elsewhere\.sock, but the aggregator takes readings at ipc:\/\/\/run/,
  );
});
