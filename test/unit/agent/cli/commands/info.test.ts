import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceTable, lastReport } from "../../../../../agent/cli/commands/info.ts";
import { RadioError } from "../../../../../agent/radio/radio.ts";
import { agentStatusOf } from "../../../../support/agent-status.ts";

const ADDRESS = "A4:C1:37:00:00:01";
const NOW = 1_000_000_000;
const house = {
  name: "house",
  status: agentStatusOf({ address: ADDRESS, driver: "jbd", lastReadingAt: NOW - 4_000, sample: { volts: 52.59 } }),
};
const busy = new RadioError("busy", "is read by another bms-agent");

test("of a battery that an agent reads, its last reading is shown with its age, and how to free the battery", () => {
  const { report, explanation } = lastReport(busy, ADDRESS, [house], NOW) ?? {};
  assert.deepEqual(report, {
    ...{ driver: "jbd", address: ADDRESS, readBy: "bms-agent@house", age: "4 s" },
    sample: { volts: 52.59 },
  });
  assert.match(
    explanation ?? "",
    /^bms-agent@house is connected .* 4 s old; sudo bmsctl release house frees the battery$/,
  );
  assert.match(report ? deviceTable(report) : "", /^read by +bms-agent@house\nage +4 s$/m);
});

test("any other error, another battery, and an agent without a reading leave the error as it is", () => {
  const absent = new RadioError("not-found", "was not found");
  const starting = { name: "house", status: agentStatusOf({ address: ADDRESS }) };
  assert.equal(lastReport(absent, ADDRESS, [house], NOW), undefined);
  assert.equal(lastReport(busy, "A4:C1:37:00:00:02", [house], NOW), undefined);
  assert.equal(lastReport(busy, ADDRESS, [starting], NOW), undefined);
  assert.equal(lastReport(busy, ADDRESS, [], NOW), undefined);
});

test("identity and values stand in columns, with units and in the order of the vocabulary", () => {
  const table = deviceTable({
    driver: "jbd",
    chosen: "by its answers, not daly",
    address: "A4:C1:37:00:00:01",
    software: "2.5",
    model: "SP04",
    counters: { sc: 0, ovp: 2 },
    sample: { cells: 4, amps: -0.004, volts: 13.3, temp1: -3.25 },
  });
  assert.deepEqual(table.split("\n"), [
    "driver    jbd",
    "chosen    by its answers, not daly",
    "address   A4:C1:37:00:00:01",
    "model     SP04",
    "software  2.5",
    "counters  sc 0, ovp 2",
    "",
    "volts     13.300 V   pack or battery voltage",
    "amps      -0.004 A   current, positive while charging",
    "cells          4     number of cells, as reported",
    "temp1       -3.3 °C  temperature sensor 1",
    "",
  ]);
});
