import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AgentStatus,
  type AggregatorStatus,
  parseAgentStatus,
  parseAggregatorStatus,
} from "../../../../common/model/status.ts";

const agent: AgentStatus = {
  version: 1,
  program: "bms-agent",
  at: 1_767_323_045_000,
  meter: "solar",
  address: "A4:C1:37:00:00:01",
  driver: "jbd",
  state: "away",
  since: 1_767_323_045_000,
  fault: { kind: "not-found", message: "not in range" },
  readings: 8412,
  lastReadingAt: 1_767_323_044_000,
  backlog: 0,
  dropped: 0,
  reconnects: 1,
  failures: 2,
  rssi: -71,
  sample: { volts: 13.3, percent: 74 },
};

const aggregator: AggregatorStatus = {
  version: 1,
  program: "bms-aggregator",
  at: 1_767_323_045_000,
  endpoint: "ipc:///run/bms/readings.sock",
  meters: 3,
  readings: 8412,
  outputs: [{ name: "unix:///run/telegraf/bms.sock", state: "away", waiting: 12 }],
  rejected: { version: 2 },
  hosts: [
    { name: "local", meters: 2, readings: 8000, lastAt: 1_767_323_044_000 },
    { name: "shed", connections: 1, connectedSince: 1_767_320_000_000, meters: 1, readings: 412, clockAheadMs: -6_000 },
  ],
};

const { driver, fault, lastReadingAt, rssi, sample, ...fresh } = agent;

test("a status is parsed as it was written, with or without its optional keys", () => {
  assert.deepEqual(parseAgentStatus(agent), agent);
  assert.deepEqual(parseAgentStatus(fresh), fresh);
  assert.deepEqual(parseAggregatorStatus(aggregator), aggregator);
});

test("keys and quantities of a newer program are tolerated", () => {
  assert.ok(parseAgentStatus({ ...fresh, mood: "good" }));
  assert.deepEqual(parseAgentStatus({ ...fresh, sample: { volts: 1, flux: 2 } })?.sample, { volts: 1 });
});

for (const [about, value] of [
  ["nothing", undefined],
  ["null", null],
  ["a list", []],
  ["another version", { ...agent, version: 2 }],
  ["another program", { ...agent, program: "bms-aggregator" }],
  ["an unknown state", { ...agent, state: "confused" }],
  ["a negative count", { ...agent, readings: -1 }],
  ["a time that is text", { ...agent, at: "2026-01-02T03:04:05Z" }],
  ["a fault without a message", { ...agent, fault: { kind: "timeout" } }],
  ["a quantity that is text", { ...agent, sample: { volts: "13.3" } }],
  ["a missing key", (({ meter, ...rest }) => rest)(agent)],
] as const) {
  test(`no agent's status is made of ${about}`, () => assert.equal(parseAgentStatus(value), undefined));
}

for (const [about, value] of [
  ["an agent's status", agent],
  ["outputs without a name", { ...aggregator, outputs: [{ state: "open", waiting: 0 }] }],
  ["a host without a name", { ...aggregator, hosts: [{ meters: 0, readings: 0 }] }],
  ["a count of rejected messages that is text", { ...aggregator, rejected: { version: "2" } }],
] as const) {
  test(`no aggregator's status is made of ${about}`, () => assert.equal(parseAggregatorStatus(value), undefined));
}
