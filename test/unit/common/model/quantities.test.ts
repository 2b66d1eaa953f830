import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BALANCE_NAMES,
  CELL_NAMES,
  formatQuantity,
  isQuantity,
  QUANTITIES,
  QUANTITY_NAMES,
  type Quantity,
  TEMPERATURE_NAMES,
} from "../../../../common/model/quantities.ts";

test("numbered quantities are in the order of their numbers", () => {
  assert.deepEqual(
    [CELL_NAMES.length, CELL_NAMES[0], CELL_NAMES[9], CELL_NAMES.at(-1)],
    [32, "cell1", "cell10", "cell32"],
  );
  assert.deepEqual([BALANCE_NAMES.length, BALANCE_NAMES[0], BALANCE_NAMES.at(-1)], [32, "c01", "c32"]);
  assert.deepEqual([TEMPERATURE_NAMES.length, TEMPERATURE_NAMES[0], TEMPERATURE_NAMES.at(-1)], [8, "temp1", "temp8"]);
});

test("names are safe as CSV column, line-protocol field and identifier", () => {
  for (const name of QUANTITY_NAMES) assert.match(name, /^[a-z][a-z0-9]*$/);
  assert.ok(!QUANTITY_NAMES.some((name) => ["meter", "time", "device", "run", "seq"].includes(name)));
});

test("every quantity has the group of its source", () => {
  const groupOf = (name: Quantity) => QUANTITIES[name].group;
  assert.deepEqual((["volts", "cell7", "c07", "delta", "temp2", "ovp"] as const).map(groupOf), [
    "device",
    "cell",
    "cell",
    "cell",
    "device",
    "device",
  ]);
  const agents = QUANTITY_NAMES.filter((name) => groupOf(name) === "agent");
  assert.equal(agents.join(" "), "online rssi latency polls failures torn reconnects backlog dropped");
});

test("a float always prints a point and an int never does, whatever the value", () => {
  for (const name of QUANTITY_NAMES)
    for (const value of [0, -0, 1, -1, 0.1, 13.28, -5.8, 65535, 2 ** 40])
      assert.equal(formatQuantity(name, value).includes("."), QUANTITIES[name].kind === "float", `${name} ${value}`);
});

for (const [name, value, expected] of [
  ["amps", -0.0001, "0.000"],
  ["amps", -0, "0.000"],
  ["amps", -5.8, "-5.800"],
  ["cellmin", -0, "0"],
  ["temp", -30.04, "-30.0"],
  ["kwh", 0.185042, "0.185042"],
  ["volts", 13.728105545043945, "13.728"],
] as const) {
  test(`${name} ${value} is written as ${expected}`, () => assert.equal(formatQuantity(name, value), expected));
}

test("isQuantity knows the vocabulary and nothing that an object inherits", () => {
  assert.ok(isQuantity("volts"));
  for (const name of ["Volts", "toString", "__proto__", "cell33", ""]) assert.ok(!isQuantity(name));
});
