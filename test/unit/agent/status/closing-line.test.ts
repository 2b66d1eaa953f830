import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClosingAccount, closingLine } from "../../../../agent/status/closing-line.ts";

const ENDPOINT = "ipc:///run/bms/readings.sock";
const base: ClosingAccount = {
  taken: 24,
  delivered: 24,
  unaccepted: 0,
  lost: 0,
  isConnected: true,
  endpoint: ENDPOINT,
  spool: undefined,
};

const CASES: readonly (readonly [about: string, account: Partial<ClosingAccount>, level: string, line: string])[] = [
  ["everything is delivered", {}, "info", "24 readings taken, 24 delivered"],
  ["one reading", { taken: 1, delivered: 1 }, "info", "1 reading taken, 1 delivered"],
  ["nothing was taken", { taken: 0, delivered: 0 }, "info", "0 readings taken, 0 delivered"],
  [
    "readings wait on disk",
    { delivered: 18, unaccepted: 6, spool: "/var/lib/bms/agent-house" },
    "warn",
    "24 readings taken, 18 delivered; 6 readings wait in /var/lib/bms/agent-house for the next run",
  ],
  [
    "no aggregator was there",
    { delivered: 23, unaccepted: 1, lost: 1, isConnected: false },
    "warn",
    `24 readings taken, 23 delivered; 1 reading is lost: no aggregator answers at ${ENDPOINT}: start bms-aggregator`,
  ],
  [
    "the aggregator is there, but its output is not",
    { delivered: 0, unaccepted: 24, lost: 24 },
    "warn",
    `24 readings taken, 0 delivered; 24 readings are lost: the aggregator at ${ENDPOINT} could not write them to its outputs: see its log`,
  ],
];
for (const [about, account, level, message] of CASES) {
  test(`the last line of an agent's log: ${about}`, () =>
    assert.deepEqual(closingLine({ ...base, ...account }), { level, message }));
}
