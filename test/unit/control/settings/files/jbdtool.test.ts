import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseProfile } from "../../../../../control/settings/files/parse-profile.ts";

const valuesIn = (content: object, chip?: number) => parseProfile(JSON.stringify(content), chip).values;

describe("files of jbdtool", () => {
  test("raw counts, signed where the board's are", () => {
    const content = {
      DesignCapacity: 45000,
      OverDisCurrent: -23000,
      ChgLowTemp: 2741,
      ManufactureDate: 10328,
      BatteryConfig: ["Switch", "BALANCE_EN", "EDV"],
      NtcConfig: ["NTC1", "NTC3"],
      CellOVDelay: 2,
      SCRelease: 5,
      PackNum: 8,
      ManufacturerName: "JBD",
      VoltageCap90: 3360,
      Mosfet: 0,
    };
    assert.deepEqual(valuesIn(content), {
      capacity: 450,
      discharge_oc: -230,
      charge_ut: 1,
      produced: "2020-02-24",
      functions: [0, 2, 7],
      sensors: [0, 2],
      cell_ov_delay: 2,
      short_circuit_release: 5,
      cells: 8,
      manufacturer: "JBD",
      curve_90: 3.36,
    });
    assert.equal(parseProfile(JSON.stringify(content)).pack.cells, 8);
  });

  test("sets of bits as numbers", () => {
    assert.deepEqual(valuesIn({ BatteryConfig: 0x1006, DesignCapacity: 6280 }), {
      functions: [1, 2, 12],
      capacity: 628,
    });
  });

  const parts = {
    DoubleOCSC: true,
    SCValue: 89,
    SCDelay: 400,
    DSGOC2: 22,
    DSGOC2Delay: 320,
    HCOVPDelay: 8,
    HCUVPDelay: 4,
  };

  test("0x38 and 0x39 in parts, whose thresholds it does not double", () => {
    assert.deepEqual(valuesIn({ ...parts, PackNum: 4 }), {
      cells: 4,
      short_circuit: { doubled: true, delay_us: 400, threshold_mV: 178 },
      overcurrent2: { delay_ms: 320, threshold_mV: 44 },
      hard_cell_delays: { cell_uv_s: 4, cell_ov_s: 8 },
    });
    const single = valuesIn({ ...parts, PackNum: 4, DoubleOCSC: false });
    assert.deepEqual(single.short_circuit, { doubled: false, delay_us: 400, threshold_mV: 89 });
    assert.deepEqual(valuesIn({ ...parts, PackNum: 4 }, 3), { cells: 4 });
  });

  const errors: readonly (readonly [about: string, text: string, error: RegExp])[] = [
    ["cut", '{"PackNum": 4', /not JSON/],
    ["another object", '{"volts": 13.2}', /no settings under the names of jbdtool/],
    ["a text for a number", '{"PackNum": "4"}', /PackNum must be an integer/],
    ["a fraction", '{"CellOverVoltage": 3.65}', /integer from/],
    ["an unknown function", '{"BatteryConfig": ["Balance"]}', /none of Switch/],
    ["a threshold between two steps", '{"PackNum": 4, "SCValue": 50, "SCDelay": 70}', /50 mV is none of/],
  ];
  for (const [about, text, error] of errors) test(about, () => assert.throws(() => parseProfile(text), error));
});
