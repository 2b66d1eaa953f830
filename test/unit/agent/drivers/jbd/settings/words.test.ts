import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeRegister } from "../../../../../../agent/drivers/jbd/settings/codec.ts";
import {
  changeText,
  differences,
  differenceText,
  oneSided,
} from "../../../../../../agent/drivers/jbd/settings/differences.ts";
import type { Structure } from "../../../../../../agent/drivers/jbd/settings/parameter.ts";
import { frontEndText, shownGroups } from "../../../../../../agent/drivers/jbd/settings/words.ts";
import { LFP_SETTINGS, word } from "../../../../../support/jbd-settings.ts";

const { values } = LFP_SETTINGS;
const groupsOf = (more: object = {}) => shownGroups({ ...values, ...more }, { chemistry: "LFP", cells: 4 });
const shown = (key: string, more: object = {}) =>
  groupsOf(more)
    .flatMap(({ settings }) => settings)
    .find(({ parameter }) => parameter.key === key);

describe("settings as they are shown", () => {
  test("in groups, in the order in which a person thinks", () => {
    assert.deepEqual(
      groupsOf().map(({ group }) => group),
      ["cell", "pack", "current", "temperature", "delays", "balancing", "capacity", "board"],
    );
    const [cell] = groupsOf();
    assert.deepEqual(
      cell?.settings.map(({ text }) => text),
      ["3.650 V", "3.500 V", "2.500 V", "3.000 V", "3.900 V", "2.000 V"],
    );
  });

  const cases: readonly (readonly [key: string, text: string])[] = [
    ["charge_oc", "130.00 A"],
    ["discharge_oc", "130.00 A"],
    ["pack_ov", "14.60 V"],
    ["charge_ut", "1.0 °C"],
    ["balance_window", "15 mV"],
    ["functions", "switch, scrl, balance_en, chg_balance_en"],
    ["sensors", "sensor1, sensor2"],
    ["device_name", "JBD-SP04S020-L4S-120A-B-U"],
    ["barcode", "(empty)"],
    ["produced", "2020-02-24"],
    ["short_circuit", "178 mV across the shunt (1780 A at 0.1 mΩ) for 400 µs, if the chip is one by TI"],
    ["overcurrent2", "44 mV across the shunt (440 A at 0.1 mΩ) for 320 ms, if the chip is one by TI"],
    ["hard_cell_delays", "under-voltage 8 s, over-voltage 8 s"],
    ["short_circuit_release", "5 s"],
  ];
  for (const [key, text] of cases) test(key, () => assert.equal(shown(key)?.text, text));

  test("bits without a name, and none", () => {
    assert.equal(shown("functions", { functions: [2, 8, 12] })?.text, "balance_en, bit 8, tenfold");
    assert.equal(shown("functions", { functions: [] })?.text, "none");
  });

  test("a value outside of the usual range is marked, with the range of this chemistry and number of cells", () => {
    assert.equal(shown("cell_ov")?.usual, undefined);
    assert.equal(shown("cell_ov", { cell_ov: 3.85 })?.usual, "3.500 to 3.800 V");
    assert.equal(shown("charge_ut", { charge_ut: -10 })?.usual, "0.0 to 10.0 °C");
    assert.equal(shown("pack_ov", { pack_ov: 15.4 })?.usual, "14.00 to 15.20 V");
    assert.equal(shown("pack_ov", { pack_ov: 15.2 })?.usual, undefined);
    assert.equal(shown("cell_ov_delay", { cell_ov_delay: 200 })?.usual, "1 to 10 s");
    assert.deepEqual(
      [shown("discharge_oc", { discharge_oc: 100 })?.text, shown("discharge_oc", { discharge_oc: 100 })?.usual],
      ["-100.00 A", "1.00 to 3276.80 A"],
    );
    const [cell] = shownGroups({ cell_ov: 9 }, { chemistry: undefined, cells: undefined });
    assert.equal(cell?.settings[0]?.usual, undefined);
  });

  test("the short circuit with another shunt, another chip, and with a chip that is known", () => {
    const decoded = (chip: number) => decodeRegister(0x38, word(0x8d5c), { tenfold: false, chip });
    const text = (chip: number, shunt?: number) => frontEndText(decoded(chip).short_circuit as Structure, shunt);
    assert.equal(text(0, 0.25), "155 mV across the shunt (620 A at 0.25 mΩ) for 100 µs");
    assert.equal(text(0), "155 mV across the shunt for 100 µs");
    assert.equal(text(3, 0.25), "0x8d (coding of this chip unknown)");
  });
});

describe("differences", () => {
  test("in words, with the danger", () => {
    const other = { ...values, cell_ov: 3.75, functions: [0, 1], discharge_oc: -100 };
    assert.deepEqual(differences(values, other).map(differenceText), [
      "cell over-voltage: 3.650 V → 3.750 V (can damage battery or board)",
      "discharge over-current: 130.00 A → 100.00 A (can damage battery or board)",
      "functions: switch, scrl, balance_en, chg_balance_en → switch, scrl (can lock the board)",
    ]);
    const [change] = differences(values, other);
    assert.equal(change && changeText(change, "house"), "cell over-voltage of house changed from 3.650 V to 3.750 V");
  });

  test("none between a pack and itself, whatever is known of its chip", () => {
    const { short_circuit: coded, ...rest } = values;
    const { chip: _, ...plain } = coded as Structure;
    assert.deepEqual(differences(values, { ...rest, short_circuit: plain }), []);
    assert.deepEqual(differences(values, { ...rest, short_circuit: { ...plain, delay_us: 70 } }).length, 1);
  });

  test("what one side does not know is no difference, and is reported apart", () => {
    const { cell_ov: _, ...less } = values;
    assert.deepEqual(differences(values, less), []);
    assert.deepEqual(oneSided(values, less).map(differenceText), [
      "cell over-voltage: 3.650 V → not known (can damage battery or board)",
    ]);
    assert.deepEqual(
      oneSided(less, values).map(({ after }) => after),
      [3.65],
    );
  });
});
