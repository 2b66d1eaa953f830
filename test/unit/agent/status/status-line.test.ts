import assert from "node:assert/strict";
import { test } from "node:test";
import { formatState, formatStatusLine } from "../../../../agent/status/status-line.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

for (const [about, status, expected] of [
  ["at work", { readings: 8412, lastReadingAt: AT }, "connected, 8,412 readings, backlog 0, last 2026-01-02T03:04:05Z"],
  ["that has just started", { state: "connecting" }, "connecting, 0 readings, backlog 0"],
  ["on a clock that is confirmed", { clock: "confirmed" }, "connected, 0 readings, backlog 0"],
  [
    "just after the boot of a machine without a clock battery",
    { clock: "waiting", backlog: 3 },
    "connected, clock not set yet, readings are held, 0 readings, backlog 3",
  ],
  [
    "on a clock that nothing confirms",
    { clock: "unconfirmed" },
    "connected, clock not confirmed, 0 readings, backlog 0",
  ],
  [
    "whose device is away",
    { state: "away", since: AT, fault: { kind: "not-found", message: "not in range" }, backlog: 1234 },
    "no answer since 2026-01-02T03:04:05Z (not in range), 0 readings, backlog 1,234",
  ],
] as const) {
  test(`the status line of an agent ${about}`, () => {
    assert.equal(formatStatusLine(agentStatusOf(status)), expected);
  });
}

test("a bad answer does not end the connection", () => {
  const fault = { kind: "checksum", message: "wrong checksum" };
  assert.equal(formatState(agentStatusOf({ fault })), "connected, last answer bad (wrong checksum)");
});
