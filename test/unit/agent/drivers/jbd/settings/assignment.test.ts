import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseAssignment, wantedValues } from "../../../../../../agent/drivers/jbd/settings/assignment.ts";
import type { Value } from "../../../../../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS } from "../../../../../../agent/drivers/jbd/settings/table/table.ts";
import { valueText } from "../../../../../../agent/drivers/jbd/settings/words.ts";
import { LFP_SETTINGS } from "../../../../../support/jbd-settings.ts";
import { fc } from "../../../../../support/property.ts";

describe("assignments", () => {
  const cases: readonly (readonly [text: string, key: string, value: Value])[] = [
    ["cell_ov=3.60", "cell_ov", 3.6],
    ["cell_ov=3.60V", "cell_ov", 3.6],
    [" cell_ov = 3.6 v ", "cell_ov", 3.6],
    ["charge_ut=-10", "charge_ut", -10],
    ["charge_ut=-10.5 °C", "charge_ut", -10.5],
    ["charge_ut=+5C", "charge_ut", 5],
    ["charge_ut=-0", "charge_ut", 0],
    ["discharge_oc=100", "discharge_oc", -100],
    ["discharge_oc=-100A", "discharge_oc", -100],
    ["shunt=0.25 mOhm", "shunt", 0.25],
    ["functions=1,2", "functions", [1, 2]],
    ["functions=balance_en, switch", "functions", [0, 2]],
    ["functions=2,balance_en", "functions", [2]],
    ["functions=", "functions", []],
    ["barcode=A=B", "barcode", "A=B"],
  ];
  for (const [text, key, value] of cases) {
    test(text, () => assert.deepEqual(parseAssignment(text), { key, value }));
  }

  const errors: readonly (readonly [text: string, error: RegExp])[] = [
    ["cell_ov", /KEY=VALUE/],
    ["=3", /KEY=VALUE/],
    ["cell_0v=3.6", /no setting cell_0v/],
    ["counters=1", /no setting/],
    ["cell_ov=", /not a number/],
    ["cell_ov=3,6", /not a number/],
    ["cell_ov=3.6mV", /in V, not in mV/],
    ["cell_ov=3.6e3", /in V, not in e3|not a number/],
    ["cell_ov=0x10", /not in|not a number/],
    ["cell_ov=3.6005", /more than 3 decimals/],
    ["serial=1V", /no unit/],
    ["functions=16", /no bit 16/],
    ["functions=balance", /no bit balance/],
    ["balance_en=yes", /on or off/],
    ["short_circuit=1", /never written/],
  ];
  for (const [text, error] of errors) {
    test(`error: ${text}`, () => assert.throws(() => parseAssignment(text), { name: "RangeError", message: error }));
  }

  test("every number is understood as it is shown", () => {
    const numbers = SETTINGS.filter(({ field }) => field.kind === "number" || field.kind === "shunt");
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.integer({ min: -99_999, max: 99_999 }), (parameter, count) => {
        const signed = parameter.key === "discharge_oc" ? -Math.abs(count) : count;
        const value = signed / 10 ** parameter.decimals + 0;
        const { key, value: parsed } = parseAssignment(`${parameter.key}=${valueText(parameter, value)}`);
        assert.equal(key, parameter.key);
        assert.equal(parsed, value);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("wanted values", () => {
  const wanted = (...texts: string[]) => wantedValues(texts.map(parseAssignment), LFP_SETTINGS.values);

  test("one bit of a set leaves the others", () => {
    assert.deepEqual(wanted("balance_en=off"), { functions: [0, 1, 3] });
    assert.deepEqual(wanted("led_en=on", "balance_en=off"), { functions: [0, 1, 3, 4] });
    assert.deepEqual(wanted("balance_en=on"), { functions: [0, 1, 2, 3] });
  });

  test("a setting that is given twice", () => {
    assert.throws(() => wanted("cell_ov=3.6", "cell_ov=3.5"), /twice/);
  });
});
