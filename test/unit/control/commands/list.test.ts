import assert from "node:assert/strict";
import { test } from "node:test";
import { batteryFacts, batteryTable } from "../../../../control/commands/list.ts";
import type { Battery } from "../../../../control/setup/batteries.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const service: Battery["service"] = {
  unit: "bms-agent@solar.service",
  load: "loaded",
  active: "active",
  sub: "running",
  enabled: "enabled",
  status: "",
  result: "success",
  exit: 0,
};
const solar: Battery = {
  name: "solar",
  address: "C0:00:00:00:00:01",
  service,
  status: { state: "connected", readings: 8412, backlog: 3, lastAt: NOW - 4_000 },
  isLent: false,
};

test("a running battery: age of its last reading and what waits", () => {
  assert.deepEqual(batteryFacts(solar, NOW), {
    name: "solar",
    address: "C0:00:00:00:00:01",
    service: "running",
    state: "connected",
    last: "2026-01-02T03:04:01Z",
    age: 4,
    readings: 8412,
    backlog: 3,
  });
});

for (const [word, state, isLent] of [
  ["running", {}, false],
  ["starting", { active: "activating", sub: "start" }, false],
  ["restarting", { active: "activating", sub: "auto-restart" }, false],
  ["wrong options", { active: "failed", exit: 2 }, false],
  ["failed", { active: "failed", exit: 1 }, false],
  ["stopped", { active: "inactive" }, false],
  ["disabled", { active: "inactive", enabled: "disabled" }, false],
  ["lent", { active: "inactive" }, true],
] as const) {
  test(`a service is told as "${word}"`, () => {
    const battery = { ...solar, service: { ...service, ...state }, isLent };
    assert.equal(batteryFacts(battery, NOW).service, word);
  });
}

test("the table reads well, also where little is known", () => {
  const away = {
    state: "no answer since 2026-01-02T01:00:00Z (out of range)",
    readings: 9,
    backlog: 720,
    lastAt: NOW - 7_500_000,
  };
  const batteries: Battery[] = [
    solar,
    { ...solar, name: "bms", status: away },
    { ...solar, name: "new", address: undefined, status: undefined, service: { ...service, active: "inactive" } },
  ];
  assert.equal(
    batteryTable(batteries, NOW),
    `name   device             service  last reading  backlog  state
solar  C0:00:00:00:00:01  running  4 s ago       3        connected
bms    C0:00:00:00:00:01  running  2 h ago       720      no answer since 2026-01-02T01:00:00Z (out of range)
new    ?                  stopped  -             -
`,
  );
});

test("where nothing is set up the table says what to do", () => {
  assert.match(batteryTable([], NOW), /sudo bms-agent add/);
});

test("a clock that was set back makes no negative age", () => {
  assert.equal(batteryFacts(solar, NOW - 60_000).age, 0);
});
