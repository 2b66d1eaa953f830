import assert from "node:assert/strict";
import { test } from "node:test";
import { QUANTITIES, QUANTITY_NAMES, type QuantitySpec } from "../../../../common/model/quantities.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { CONDITION_KINDS, conditionsOf } from "../../../../viewer/house/conditions.ts";

test("every state of the vocabulary has a kind, in the same order", () => {
  const states = QUANTITY_NAMES.filter((name) => (QUANTITIES[name] as QuantitySpec).state !== undefined);
  assert.deepEqual(
    CONDITION_KINDS.map(([quantity]) => quantity),
    states,
  );
});

const CASES: readonly (readonly [about: string, sample: Sample, expected: readonly string[]])[] = [
  ["nothing is reported", { volts: 13.3 }, []],
  ["all is well", { ovp: 0, aovp: 0, protect: 0, alarm: 0, fet: 3 }, []],
  ["a protection", { ovp: 1, uvp: 0 }, ["ovp protection: cell over-voltage protection"]],
  [
    "a protection and what it switches off",
    { ovp: 1, fet: 2 },
    ["ovp protection: cell over-voltage protection", "fet switch: charging is switched off"],
  ],
  [
    "charging switched off in the app",
    { cnf: 1, fet: 2 },
    ["cnf switch: software lock of the MOSFETs", "fet switch: charging is switched off"],
  ],
  ["discharging off", { fet: 1 }, ["fet switch: discharging is switched off"]],
  ["both off, with tenfold units", { fet: 0x80 }, ["fet switch: charging and discharging are switched off"]],
  ["both on, with tenfold units", { fet: 0x83 }, []],
  ["faults", { ic: 1, dmf: 1 }, ["ic fault: front-end IC error", "dmf fault: discharge MOSFET fault"]],
  ["an alarm", { alow: 1 }, ["alow alarm: low capacity alarm"]],
];

for (const [about, sample, expected] of CASES) {
  test(`conditions: ${about}`, () => {
    const lines = conditionsOf(sample).map(({ quantity, kind, text }) => `${quantity} ${kind}: ${text}`);
    assert.deepEqual(lines, expected);
  });
}
