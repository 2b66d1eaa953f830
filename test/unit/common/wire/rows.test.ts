import assert from "node:assert/strict";
import { test } from "node:test";
import { QUANTITIES, QUANTITY_NAMES, type Quantity } from "../../../../common/model/quantities.ts";
import { toReading } from "../../../../common/model/row.ts";
import { checkRows } from "../../../../common/wire/rows.ts";
import { WireError } from "../../../../common/wire/wire-error.ts";
import { fc } from "../../../support/property.ts";
import { AT, ORIGIN } from "./message-fixture.ts";

const isUsable = (name: Quantity, value: unknown) =>
  QUANTITIES[name].kind === "int"
    ? Number.isSafeInteger(value)
    : typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER;

test("a row is its possible values under their names, or an error where one of them is not a number", () => {
  const value = fc.oneof(
    { weight: 50, arbitrary: fc.integer() },
    fc.constantFrom(0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), null, "1", true, undefined),
  );
  const cells = fc.uniqueArray(fc.tuple(fc.constantFrom(...QUANTITY_NAMES, "flux"), value), {
    selector: ([name]) => name,
    maxLength: 12,
  });
  fc.assert(
    fc.property(cells, (pairs) => {
      const known = pairs.filter((pair): pair is [Quantity, number] => pair[0] !== "flux");
      const items = [pairs.map(([name]) => name).join(), [1, AT, ...pairs.map(([, each]) => each)]];
      if (known.some(([, each]) => typeof each !== "number"))
        return assert.throws(() => checkRows(items, ORIGIN, 0), WireError);
      const [row] = checkRows(items, ORIGIN, 0);
      assert.ok(row);
      const possible = known.filter(([name, each]) => isUsable(name, each));
      assert.deepEqual(toReading(row), { ...ORIGIN, seq: 1, takenAt: AT, sample: Object.fromEntries(possible) });
      const order = QUANTITY_NAMES.filter((name) => possible.some(([each]) => each === name));
      assert.deepEqual(row.columns.names, order);
    }),
    { numRuns: 1000 },
  );
});

test("headers beyond those that are remembered are read as well", () => {
  for (let i = 0; i < 600; i += 1) {
    const [row] = checkRows([`volts,unknown${i}`, [1, AT, 13.3, i]], ORIGIN, 0);
    assert.deepEqual(row?.values, [13.3]);
  }
});
