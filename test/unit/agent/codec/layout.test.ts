import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { layoutSize, type Row, readLayout, writeLayout } from "../../../../agent/codec/layout.ts";
import { PACK_LAYOUTS } from "../../../../agent/drivers/jbd/basic-information.ts";
import { CELL, COUNTER_LAYOUTS } from "../../../../agent/drivers/jbd/registers.ts";
import { THORNWAVE_LAYOUTS } from "../../../../agent/drivers/thornwave/value.ts";
import { fc } from "../../../support/property.ts";

const LAYOUTS: readonly (readonly [string, readonly Row[]])[] = Object.entries({
  ...PACK_LAYOUTS,
  ...COUNTER_LAYOUTS,
  ...THORNWAVE_LAYOUTS,
  CELL,
});
/** HEAD leaves room for FLOW, and some bits of V1's first word mean nothing that is known. */
const WITH_GAPS = ["HEAD", "V1"];

/** Every bit that a row takes, counted from the layout's beginning. */
function bitsOf(row: Row): number[] {
  const low = row.bits?.[0] ?? 0;
  const high = row.bits?.[1] ?? layoutSize([{ ...row, at: 0 }]) * 8 - 1;
  return Array.from({ length: high - low + 1 }, (_, i) => row.at * 8 + low + i);
}

describe("every table", () => {
  for (const [name, rows] of LAYOUTS) {
    test(`${name}: no two rows share a name or a bit`, () => {
      const names = rows.map((row) => row.name);
      assert.equal(new Set(names).size, names.length);
      const bits = rows.flatMap(bitsOf);
      assert.equal(new Set(bits).size, bits.length);
      if (!WITH_GAPS.includes(name)) assert.equal(bits.length, layoutSize(rows) * 8, "no byte is left over");
    });

    test(`${name}: arbitrary values, written and read, are the same`, () => {
      fc.assert(
        fc.property(possibleBytes(rows), (bytes) => {
          const values = readLayout(rows, bytes);
          assert.deepEqual(readLayout(rows, writeLayout(rows, values)), values);
        }),
      );
    });
  }
});

/** Bytes whose floats are finite and whose 64-bit counts are exact numbers. */
function possibleBytes(rows: readonly Row[]): fc.Arbitrary<Uint8Array> {
  const size = layoutSize(rows);
  return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => {
    for (const { at, raw } of rows) {
      if (raw === "s64le") bytes.fill((bytes[at + 7] ?? 0) & 1 ? 0xff : 0, at + 6, at + 8);
      if (raw === "f32le") bytes[at + 3] = (bytes[at + 3] ?? 0) & 0xbf;
    }
    return bytes;
  });
}

const ROWS = [
  { name: "hundredths", at: 0, raw: "s16be", per: 100 },
  { name: "kelvin", at: 2, raw: "u16be", per: 10, zero: 2731 },
  { name: "low", at: 4, raw: "u8", bits: [0, 4] },
  { name: "high", at: 4, raw: "u8", bits: [5, 7], absent: [7], max: 5 },
  { name: "float", at: 5, raw: "f32le" },
  { name: "long", at: 9, raw: "s64le", per: 1000 },
] as const satisfies readonly Row[];
const VALUES = { hundredths: -13.34, kelvin: -10.5, low: 17, high: 3, float: 0.5, long: -14.258 };

describe("raw types", () => {
  for (const [raw, hex, count] of [
    ["u8", "fe", 254],
    ["s8", "fe", -2],
    ["u16be", "fe01", 0xfe01],
    ["s16be", "fe01", -511],
    ["u16le", "01fe", 0xfe01],
    ["s16le", "01fe", -511],
    ["u24le", "0302fe", 0xfe0203],
    ["s24le", "0302fe", -130_557],
    ["u32be", "fe010203", 0xfe010203],
    ["s32be", "fe010203", -33_488_381],
    ["u32le", "030201fe", 0xfe010203],
    ["s32le", "030201fe", -33_488_381],
    ["u32sw", "0203fe01", 0xfe010203],
    ["s32sw", "0203fe01", -33_488_381],
  ] as const) {
    test(`${raw} ${hex} is ${count}`, () => {
      const row = [{ name: "value", at: 1, raw }] as const;
      assert.deepEqual(readLayout(row, Buffer.from(`00${hex}`, "hex")), { value: count });
      assert.equal(Buffer.from(writeLayout(row, { value: count })).toString("hex"), `00${hex}`);
    });
  }

  test("some bits of a signed type are two's complement, beside others", () => {
    const rows = [
      { name: "mode", at: 0, raw: "u24le", bits: [0, 1] },
      { name: "amps", at: 0, raw: "s24le", bits: [2, 23], per: 1000 },
    ] as const;
    for (const amps of [-1.5, 0, 0.001, 2097.151, -2097.152]) {
      assert.deepEqual(readLayout(rows, writeLayout(rows, { mode: 2, amps })), { mode: 2, amps });
    }
    assert.throws(() => writeLayout(rows, { mode: 2, amps: 2097.152 }), RangeError);
    assert.throws(() => writeLayout(rows, { mode: 2, amps: -2097.153 }), RangeError);
  });
});

describe("a table", () => {
  test("reads what it wrote", () => {
    const bytes = writeLayout(ROWS, VALUES);
    assert.equal(Buffer.from(bytes).toString("hex"), "faca0a42710000003f4ec8ffffffffffff");
    assert.deepEqual(readLayout(ROWS, bytes), VALUES);
    assert.deepEqual(readLayout(ROWS, Uint8Array.of(1, 2, ...bytes), 2), VALUES);
  });

  test("divides, so that decimals are clean", () => {
    assert.equal(readLayout(ROWS, writeLayout(ROWS, { ...VALUES, hundredths: 13.3 })).hundredths, 13.3);
    assert.equal(readLayout(ROWS, writeLayout(ROWS, { ...VALUES, long: 8.186 })).long, 8.186);
  });

  test("leaves out what was not measured, and writes it back", () => {
    const { high: _, ...unmeasured } = VALUES;
    const bytes = writeLayout(ROWS, unmeasured);
    assert.equal(bytes[4], 0xf1);
    assert.deepEqual(readLayout(ROWS, bytes), unmeasured);
    bytes[4] = 0xd1;
    assert.deepEqual(readLayout(ROWS, bytes), unmeasured, "6 is more than possible");
  });

  test("what is beyond the bounds of a row is absent, and what is on them is not", () => {
    const celsius = { name: "celsius", at: 0, raw: "u16be", per: 10, zero: 2731, min: -50, max: 150 } as const;
    const read = (count: number) => readLayout([celsius], Uint8Array.of(count >> 8, count & 0xff)).celsius;
    assert.deepEqual([0, 2230, 2231, 4231, 4232, 0xffff].map(read), [
      undefined,
      undefined,
      -50,
      150,
      undefined,
      undefined,
    ]);
    assert.deepEqual(readLayout([celsius], writeLayout([celsius], {})), {});
  });

  test("never returns -0", () => {
    const bytes = writeLayout(ROWS, { ...VALUES, float: -0 });
    assert.ok(Object.is(readLayout(ROWS, bytes).float, 0));
  });

  for (const [about, at, hex, fault] of [
    ["a float that is not a number", 5, "0000c07f", "malformed"],
    ["an infinite float", 5, "0000807f", "malformed"],
    ["a count beyond 2^53", 9, "ffffffffffffff7f", "malformed"],
  ] as const) {
    test(`refuses ${about}`, () => {
      const bytes = writeLayout(ROWS, VALUES);
      bytes.set(Buffer.from(hex, "hex"), at);
      assert.throws(() => readLayout(ROWS, bytes), { fault });
    });
  }

  for (const [about, raw, hex] of [
    ["a float that is not a number", "f32le", "0000c07f"],
    ["an infinite float", "f32le", "0000807f"],
    ["a count beyond 2^53", "s64le", "ffffffffffffff7f"],
  ] as const) {
    test(`${about} is absent in a row that may be absent`, () => {
      for (const bound of [{ min: -5 }, { max: 5 }, { absent: [7] }]) {
        assert.deepEqual(readLayout([{ name: "value", at: 0, raw, ...bound }], Buffer.from(hex, "hex")), {});
      }
    });
  }

  test("refuses bytes that end early, wherever they end", () => {
    const bytes = writeLayout(ROWS, VALUES);
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(() => readLayout(ROWS, bytes.subarray(0, end)), { fault: "truncated" });
    }
  });

  test("refuses to write what does not fit", () => {
    assert.throws(() => writeLayout(ROWS, { ...VALUES, hundredths: 327.68 }), RangeError);
    assert.throws(() => writeLayout(ROWS, { ...VALUES, low: 32 }), RangeError);
    assert.throws(() => writeLayout(ROWS, { ...VALUES, kelvin: -273.2 }), RangeError);
    const { low: _, ...missing } = VALUES;
    assert.throws(() => writeLayout(ROWS, missing as typeof VALUES), RangeError);
  });
});
