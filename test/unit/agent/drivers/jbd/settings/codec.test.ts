import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeRegister, encodeRegister, withoutValues } from "../../../../../../agent/drivers/jbd/settings/codec.ts";
import type { Values } from "../../../../../../agent/drivers/jbd/settings/parameter.ts";
import { decodeSettings, registerChanges } from "../../../../../../agent/drivers/jbd/settings/settings.ts";
import { parametersOf, SETTING_REGISTERS } from "../../../../../../agent/drivers/jbd/settings/table/table.ts";
import { fc } from "../../../../../support/property.ts";

const NORMAL = { tenfold: false };
const TENFOLD = { tenfold: true };
const word = (value: number) => Uint8Array.of(value >> 8, value & 0xff);
const TEXTS = [0xa0, 0xa1, 0xa2];
/** A bit of one byte doubles the threshold of the other; a bit of the word gives the unit of the rest. */
const COUPLED = ["short_circuit", "overcurrent2", "shunt"];
const WORDS = SETTING_REGISTERS.filter((register) => !TEXTS.includes(register));
const PAIRS = WORDS.flatMap((register) => parametersOf(register).map(({ key }) => [register, key] as const));

describe("values of registers", () => {
  const cases: readonly (readonly [register: number, raw: number, values: Values, coding?: typeof NORMAL])[] = [
    [0x10, 45_000, { capacity: 450 }],
    [0x10, 0xffff, { capacity: 655.35 }],
    [0x10, 6_280, { capacity: 628 }, TENFOLD],
    [0x11, 0, { cycle_capacity: 0 }],
    [0x29, 0xcd38, { discharge_oc: -130 }],
    [0x29, 0xd8f0, { discharge_oc: -1000 }, TENFOLD],
    [0x28, 0x8000, { charge_oc: -327.68 }],
    [0x1a, 2_731 - 150, { charge_ut: -15 }],
    [0x1a, 2_731, { charge_ut: 0 }],
    [0x2c, 2, { shunt: 0.2 }],
    [0x2c, 0x8019, { shunt: 0.25 }],
    [0x2c, 25, { shunt: 0.25 }, TENFOLD],
    [0x15, 0x2c7c, { produced: "2022-03-28" }],
    [0x15, 0, {}],
    [0x2d, 0x80e7, { functions: [0, 1, 2, 5, 6, 7, 15] }],
    [0x2d, 0, { functions: [] }],
    [0x3c, 0x0205, { pack_uv_delay: 2, pack_ov_delay: 5 }],
    [0x39, 0xb020, { hard_cell_delays: { cell_uv_s: 8, cell_ov_s: 8 }, short_circuit_release: 32 }],
    [0x39, 0x4005, { hard_cell_delays: { cell_uv_s: 4, cell_ov_s: 1 }, short_circuit_release: 5 }],
    [0x39, 0x7005, { hard_cell_delays: { cell_uv_s: 4, cell_ov_s: 8 }, short_circuit_release: 5 }],
  ];
  for (const [register, raw, values, coding = NORMAL] of cases) {
    test(`0x${register.toString(16)} ${raw.toString(16).padStart(4, "0")}: ${JSON.stringify(values)}`, () => {
      assert.deepEqual(decodeRegister(register, word(raw), coding), values);
      assert.deepEqual(encodeRegister(register, values, word(raw), coding), word(raw));
    });
  }

  test("0x38: the doubling bit of the first byte is for both", () => {
    const parts = (raw: number) => decodeRegister(0x38, word(raw), { tenfold: false, chip: 0 });
    assert.deepEqual(parts(0x8d5c), {
      short_circuit: { doubled: true, delay_us: 100, threshold_mV: 155, chip: "TI" },
      overcurrent2: { delay_ms: 320, threshold_mV: 83, chip: "TI" },
    });
    assert.deepEqual(parts(0x0800), {
      short_circuit: { doubled: false, delay_us: 100, threshold_mV: 22, chip: "TI" },
      overcurrent2: { delay_ms: 8, threshold_mV: 8, chip: "TI" },
    });
  });

  test("texts end where their length byte says", () => {
    const name = (...data: number[]) => decodeRegister(0xa1, Uint8Array.from(data), NORMAL).device_name;
    assert.equal(name(0), "");
    assert.equal(name(2, 0x41, 0x42, 0x43), "AB");
    assert.equal(name(2, 0x41, 0x42), "AB");
    assert.equal(name(31, ...Array.from({ length: 31 }, () => 0x41)), "A".repeat(31));
    for (const data of [[], [1], [32, ...Array.from({ length: 32 }, () => 0x41)]]) {
      assert.throws(() => name(...data), /no true length byte/);
    }
    const rest = withoutValues(0xa1, { device_name: "AB" }, Uint8Array.of(2, 0x41, 0x42, 0x43), NORMAL);
    assert.deepEqual(rest, Uint8Array.of(0, 0, 0, 0x43));
  });

  test("counters are eleven words, or twelve", () => {
    const counts = (length: number) => Array.from({ length }, (_, i) => 300 + i);
    for (const length of [11, 12]) {
      const data = encodeRegister(0xaa, { counters: counts(length) }, new Uint8Array(), NORMAL);
      assert.equal(data.length, 2 * length);
      assert.deepEqual(decodeRegister(0xaa, data, NORMAL), { counters: counts(length) });
    }
    for (const size of [0, 20, 23, 26]) {
      assert.throws(() => decodeRegister(0xaa, new Uint8Array(size), NORMAL), /instead of 22 or 24/);
    }
  });

  test("impossible dates have no value", () => {
    for (const [month, day] of [
      [0, 1],
      [13, 1],
      [1, 0],
    ] as const) {
      assert.deepEqual(decodeRegister(0x15, word((20 << 9) | (month << 5) | day), NORMAL), {});
    }
    for (const [month, day] of [
      [1, 1],
      [12, 31],
    ] as const) {
      assert.equal(typeof decodeRegister(0x15, word((20 << 9) | (month << 5) | day), NORMAL).produced, "string");
    }
  });

  test("words have two bytes", () => {
    for (const register of WORDS) {
      for (const size of [0, 1, 3]) {
        assert.throws(() => decodeRegister(register, new Uint8Array(size), NORMAL), /bytes of data instead of 2/);
      }
    }
  });

  test("a register that is not in the table has no values", () => {
    assert.deepEqual(decodeRegister(0x99, word(1), NORMAL), {});
  });
});

test("any word of any register is rebuilt from its values and the bits that hold none", () => {
  const chips = fc.constantFrom(undefined, 0, 3);
  fc.assert(
    fc.property(fc.constantFrom(...WORDS), fc.nat(0xffff), fc.boolean(), chips, (register, raw, tenfold, chip) => {
      const coding = { tenfold, chip };
      const values = decodeRegister(register, word(raw), coding);
      const rest = withoutValues(register, values, word(raw), coding);
      assert.deepEqual(encodeRegister(register, values, rest, coding), word(raw));
    }),
    { numRuns: 5_000 },
  );
});

test("a value replaces its own bits and no other of the register", () => {
  const pairs = PAIRS.filter(([, key]) => !COUPLED.includes(key));
  fc.assert(
    fc.property(fc.constantFrom(...pairs), fc.nat(0xffff), fc.nat(0xffff), ([register, key], from, to) => {
      const { [key]: value } = decodeRegister(register, word(from), NORMAL);
      fc.pre(value !== undefined);
      const after = encodeRegister(register, { [key]: value }, word(to), NORMAL);
      const others = decodeRegister(register, word(to), NORMAL);
      assert.deepEqual(decodeRegister(register, after, NORMAL), { ...others, [key]: value });
    }),
    { numRuns: 2_000 },
  );
});

describe("what other tools get wrong", () => {
  test("the delays of 0x39 are not swapped", () => {
    for (const raw of [0xb020, 0x7005, 0x4005, 0xf064, 0x6005]) {
      const values = decodeRegister(0x39, word(raw), NORMAL);
      assert.deepEqual(encodeRegister(0x39, values, word(0), NORMAL), word(raw));
    }
  });

  test("a capacity above 327 Ah is neither negative nor refused", () => {
    assert.deepEqual(encodeRegister(0x10, { capacity: 450 }, word(0), NORMAL), word(45_000));
    assert.throws(() => encodeRegister(0x10, { capacity: 656 }, word(0), NORMAL), RangeError);
  });

  test("bits 6 and up of 0x2D outlive a change of balancing", () => {
    const settings = decodeSettings(new Map([[0x2d, word(0x11d7)]]), NORMAL);
    const [change] = registerChanges(settings, { functions: [0, 1, 4, 6, 7, 8, 12] }, NORMAL);
    assert.deepEqual(change?.after, word(0x11d3));
  });

  test("a text is written with its length byte, and characters behind its end are kept", () => {
    const original = Uint8Array.of(5, 0x53, 0x5a, 0x4c, 0x4c, 0x54);
    assert.deepEqual(
      encodeRegister(0xa0, { manufacturer: "JBD" }, original, NORMAL),
      Uint8Array.of(3, 0x4a, 0x42, 0x44, 0x4c, 0x54),
    );
    assert.throws(() => encodeRegister(0xa0, { manufacturer: "x".repeat(32) }, original, NORMAL), RangeError);
  });

  test("a short circuit register without a value is never invented", () => {
    const settings = decodeSettings(new Map([[0x38, word(0x9e55)]]), NORMAL);
    assert.deepEqual(registerChanges(settings, { cell_ov: 3.6 }, NORMAL), []);
    assert.throws(
      () => encodeRegister(0x38, { short_circuit: { doubled: true, delay_us: 5, threshold_mV: 44 } }, word(0), NORMAL),
      RangeError,
    );
  });
});

test("values that are no values of their parameter are refused", () => {
  const cases: readonly (readonly [register: number, values: Values, error: RegExp])[] = [
    [0x24, { cell_ov: "3.6" }, /^cell_ov: 3\.6 is not a number/],
    [0x24, { cell_ov: 70 }, /^cell_ov: 70 does not fit/],
    [0x24, { cell_ov: Number.NaN }, /^cell_ov: NaN does not fit/],
    [0x3a, { charge_ut_delay: 256 }, /^charge_ut_delay: 256 does not fit/],
    [0x2c, { shunt: -0.1 }, /^shunt: -0\.1 does not fit/],
    [0x2c, { shunt: 3276.8 }, /^shunt: 3276\.8 does not fit/],
    [0x15, { produced: "yesterday" }, /^produced: yesterday is not a date/],
    [0x2d, { functions: [16] }, /^functions: 16 are not bits/],
    [0x2d, { functions: [-1] }, /^functions: -1 are not bits/],
    [0x2d, { functions: [1.5] }, /^functions: 1\.5 are not bits/],
    [0x2d, { functions: 4 }, /^functions: 4 are not bits/],
    [0x39, { hard_cell_delays: 8 }, /^hard_cell_delays: 8 has no parts/],
    [0xa0, { manufacturer: "\u{1f50b}" }, /^manufacturer: at most 31 characters/],
    [0xaa, { counters: 1 }, /^counters: 1 is not a list/],
  ];
  for (const [register, values, message] of cases) {
    assert.throws(() => encodeRegister(register, values, word(0), NORMAL), { name: "RangeError", message });
  }
  assert.deepEqual(encodeRegister(0x2c, { shunt: 0 }, word(1), NORMAL), word(0));
});
