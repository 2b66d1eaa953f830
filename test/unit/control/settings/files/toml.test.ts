import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { planChanges } from "../../../../../agent/drivers/jbd/settings/plan.ts";
import { decodeSettings } from "../../../../../agent/drivers/jbd/settings/settings.ts";
import { parseProfile } from "../../../../../control/settings/files/parse-profile.ts";
import { tomlText } from "../../../../../control/settings/files/toml.ts";
import { LFP_BOARD, LFP_REGISTERS, LFP_SETTINGS } from "../../../../support/jbd-settings.ts";
import { fc } from "../../../../support/property.ts";

const pack = {
  name: "house",
  device: "A4:C1:37:00:00:01",
  model: "JBD-SP04S020-L4S-120A-B-U",
  firmware: "1.5",
  cells: 4,
  chemistry: "LFP",
  savedAt: Date.UTC(2026, 10, 27, 19),
} as const;

describe("files for people", () => {
  const text = tomlText({ pack, values: LFP_SETTINGS.values });

  test("a line for each setting, with unit and name", () => {
    for (const line of [
      'name = "house"',
      "saved = 2026-11-27T19:00:00.000Z",
      "cell_ov = 3.650 # V, cell over-voltage",
      "discharge_oc = 130.00 # A, discharge over-current",
      'functions = ["switch", "scrl", "balance_en", "chg_balance_en"] # functions',
      "short_circuit = { doubled = true, delay_us = 400, threshold_mV = 178 } # short circuit",
      'barcode = "" # bar code',
    ]) {
      assert.ok(text.includes(`\n${line}\n`), line);
    }
  });

  test("are read as they were written", () => {
    const { pack: facts, values } = parseProfile(text);
    assert.deepEqual(facts, pack);
    assert.deepEqual(
      planChanges({
        settings: LFP_SETTINGS,
        wanted: values,
        origin: "file",
        board: LFP_BOARD,
        chemistry: "LFP",
        isExpert: false,
      }),
      { kind: "planned", changes: [], differences: [], left: [], missing: [] },
    );
  });

  test("any registers of a board come back, but for what has no meaning", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 112, maxLength: 112 }),
        fc.string({ unit: "binary-ascii", maxLength: 31 }),
        (bytes, name) => {
          const words = Array.from({ length: 56 }, (_, i) => [0x10 + i, bytes.slice(2 * i, 2 * i + 2)] as const);
          const registers = new Map([...LFP_REGISTERS, ...words]);
          const { values } = decodeSettings(registers, { tenfold: false, chip: 0 });
          const read = parseProfile(tomlText({ pack: {}, values: { ...values, device_name: name } })).values;
          assert.deepEqual(Object.keys(read).sort(), Object.keys(values).sort());
          assert.equal(read.device_name, name);
          for (const key of ["cell_ov", "charge_ut", "functions", "sensors", "shunt", "capacity", "hard_cell_delays"]) {
            assert.deepEqual(read[key], values[key], key);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("the number of cells of the pack is one of the settings, where these do not name it", () => {
    assert.deepEqual(parseProfile("[about]\ncells = 8\n[cell]\ncell_ov = 3.6\n").values, { cells: 8, cell_ov: 3.6 });
  });

  const errors: readonly (readonly [about: string, text: string, error: RegExp])[] = [
    ["no TOML", "[cell\n", /line 1/],
    ["an unknown setting", "[cell]\ncell_0v = 3.6\n", /no setting cell_0v/],
    ["an unknown group", "[cells]\ncell_ov = 3.6\n", /no group \[cells\]/],
    ["a setting above all groups", "cell_ov = 3.6\n", /no group \[cell_ov\]/],
    ["a group that is no table", "cell = 3\n", /must be a table/],
    ["a text for a number", '[cell]\ncell_ov = "3.6"\n', /cell_ov must be a number/],
    ["no number", "[cell]\ncell_ov = nan\n", /cell_ov must be a number/],
    ["a number for a text", "[board]\nbarcode = 3\n", /barcode must be a text/],
    ["a number for a set of bits", "[board]\nfunctions = 3\n", /must be a list/],
    ["an unknown bit", '[board]\nfunctions = ["balance"]\n', /no bit balance/],
    ["a bit too many", "[board]\nfunctions = [16]\n", /no bit 16/],
    ["a list in a part", "[current]\nshort_circuit = { doubled = [] }\n", /short_circuit\.doubled/],
    ["a setting in two groups", "[cell]\ncell_ov = 3.6\n[pack]\ncell_ov = 3.6\n", /there twice/],
    ["an unknown chemistry", '[about]\nchemistry = "LiFePO4"\n', /one of LFP, NMC, LTO/],
    ["half a cell", "[about]\ncells = 4.5\n", /cells must be an integer/],
  ];
  for (const [about, wrong, error] of errors) {
    test(about, () => assert.throws(() => parseProfile(wrong), { name: "ProfileError", message: error }));
  }
});
