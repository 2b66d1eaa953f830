import assert from "node:assert/strict";
import { test } from "node:test";
import { batteryFacts, batteryTable } from "../../../../control/commands/list.ts";
import type { Battery } from "../../../../control/setup/batteries.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { unitState } from "../../../support/fake-systemd.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const solar: Battery = {
  name: "solar",
  address: "C0:00:00:00:00:01",
  service: unitState(),
  status: agentStatusOf({
    driver: "thornwave",
    readings: 8412,
    backlog: 3,
    lastReadingAt: NOW - 4_000,
    rssi: -60,
    sample: { volts: 12.876, amps: -1.5, percent: 68.6 },
  }),
  isReleased: false,
};

test("a running battery has its newest values, their age, and its backlog", () => {
  assert.deepEqual(batteryFacts(solar, NOW), {
    name: "solar",
    site: null,
    address: "C0:00:00:00:00:01",
    service: "running",
    driver: "thornwave",
    state: "connected",
    fault: null,
    last: "2026-01-02T03:04:01Z",
    age: 4,
    volts: 12.876,
    amps: -1.5,
    percent: 68.6,
    readings: 8412,
    backlog: 3,
    dropped: 0,
    rssi: -60,
  });
});

for (const [word, state, isReleased] of [
  ["running", {}, false],
  ["starting", { active: "activating", sub: "start" }, false],
  ["restarting", { active: "activating", sub: "auto-restart" }, false],
  ["wrong options", { active: "failed", exit: 2 }, false],
  ["failed", { active: "failed", exit: 1 }, false],
  ["stopped", { active: "inactive" }, false],
  ["disabled", { active: "inactive", enabled: "disabled" }, false],
  ["released", { active: "inactive" }, true],
] as const) {
  test(`a service is shown as "${word}"`, () => {
    assert.equal(batteryFacts({ ...solar, service: unitState(state), isReleased }, NOW).service, word);
  });
}

test("the table also shows batteries of which little is known", () => {
  const away = agentStatusOf({
    state: "away",
    since: Date.UTC(2026, 0, 2, 1),
    fault: { kind: "not-found", message: "out of range" },
    backlog: 720,
    lastReadingAt: NOW - 7_500_000,
  });
  const batteries: Battery[] = [
    solar,
    { ...solar, name: "bms", status: away },
    { ...solar, name: "new", address: undefined, status: undefined, service: unitState({ active: "inactive" }) },
  ];
  assert.equal(
    batteryTable(batteries, NOW),
    `name   device             service  volts    percent  last reading  backlog  state
solar  C0:00:00:00:00:01  running  12.88 V  69 %     4 s ago       3        connected
bms    C0:00:00:00:00:01  running  -        -        2 h ago       720      no answer since 2026-01-02T01:00:00Z (out of range)
new    ?                  stopped  -        -        -             -
`,
  );
  assert.deepEqual(batteryFacts({ ...solar, status: away }, NOW).fault, { kind: "not-found", message: "out of range" });
});

test("sites have a column once there is one", () => {
  const shed = { ...solar, name: "bms", status: agentStatusOf({ site: "shed" }) };
  const [header = "", ...rows] = batteryTable([solar, shed], NOW).split("\n");
  assert.match(header, /^name {3}site {2}device/);
  assert.match(rows[0] ?? "", /^solar {8}C0/);
  assert.match(rows[1] ?? "", /^bms {4}shed {2}C0/);
  assert.equal(batteryFacts(shed, NOW).site, "shed");
});

test("an empty table names the command that adds a battery", () => {
  assert.match(batteryTable([], NOW), /sudo bmsctl add/);
});

test("a clock that was set back makes no negative age", () => {
  assert.equal(batteryFacts(solar, NOW - 60_000).age, 0);
});
