import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceTable } from "../../../../../agent/cli/commands/info.ts";

test("identity and values stand in columns, with units and in the order of the vocabulary", () => {
  const table = deviceTable({
    driver: "jbd",
    address: "A4:C1:37:00:00:01",
    software: "2.5",
    model: "SP04",
    counters: { sc: 0, ovp: 2 },
    sample: { cells: 4, amps: -0.004, volts: 13.3, temp1: -3.25 },
  });
  assert.deepEqual(table.split("\n"), [
    "driver    jbd",
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
