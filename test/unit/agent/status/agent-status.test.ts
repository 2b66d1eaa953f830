import assert from "node:assert/strict";
import { test } from "node:test";
import { createAgentStatus } from "../../../../agent/status/agent-status.ts";
import { type ClockState, parseAgentStatus } from "../../../../common/model/status.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { ANSWER, AWAY, BAD_ANSWER } from "../../../support/polls.ts";
import { readingOf } from "../../../support/reading.ts";
import { ADDRESS } from "../../../support/scripted-device.ts";

const START = agentStatusOf().at;

function setUp() {
  const clock = virtualClock(START);
  const outbox = { backlog: 3, dropped: 1 };
  const timekeeper: { state: ClockState | undefined } = { state: undefined };
  const status = createAgentStatus({ meter: "bms", address: ADDRESS }, { outbox, timekeeper, clock });
  return { clock, outbox, timekeeper, status };
}

test("an agent that has just started is connecting", () => {
  const { status } = setUp();
  assert.deepEqual(status.current(), agentStatusOf({ state: "connecting", backlog: 3, dropped: 1 }));
});

test("the site is reported where there is one", () => {
  const deps = { outbox: { backlog: 0, dropped: 0 }, timekeeper: { state: undefined }, clock: virtualClock(START) };
  const status = createAgentStatus({ meter: "bms", site: "shed", address: ADDRESS }, deps).current();
  assert.deepEqual(status, agentStatusOf({ site: "shed", state: "connecting" }));
  assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status))), status);
});

test("the state of the clock is reported once it is known, and read again", () => {
  const { status, timekeeper } = setUp();
  timekeeper.state = "unconfirmed";
  assert.equal(status.current().clock, "unconfirmed");
  assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status.current()))), status.current());
  assert.equal(parseAgentStatus({ ...status.current(), clock: "fast" }), undefined);
});

test("an answer makes the device connected, with its last sample", () => {
  const { status, outbox } = setUp();
  status.onPoll({ ...ANSWER, links: 3, rssi: -71 });
  status.onReading(readingOf(4, { sample: { failures: 3 } }));
  outbox.backlog = 0;
  const expected = { driver: "scripted", readings: 1, lastReadingAt: START, rssi: -71, sample: { volts: 13.3 } };
  assert.deepEqual(status.current(), agentStatusOf({ ...expected, reconnects: 2, failures: 3, dropped: 1 }));
  assert.deepEqual(parseAgentStatus(JSON.parse(JSON.stringify(status.current()))), status.current());
});

test("faults change the state only when the link is lost, and go with the next answer", async () => {
  const { clock, status } = setUp();
  const seen = [];
  for (const poll of [ANSWER, BAD_ANSWER, AWAY, AWAY, { ...AWAY, kind: "link-lost" } as const, ANSWER]) {
    status.onPoll(poll);
    const { state, since, fault } = status.current();
    seen.push([state, since - START, fault?.kind]);
    await clock.sleep(1_000);
  }
  assert.deepEqual(seen, [
    ["connected", 0, undefined],
    ["connected", 0, "checksum"],
    ["away", 2_000, "not-found"],
    ["away", 2_000, "not-found"],
    ["away", 2_000, "not-found"],
    ["connected", 5_000, undefined],
  ]);
});
