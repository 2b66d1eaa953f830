import assert from "node:assert/strict";
import { test } from "node:test";
import { bitRow, signedBitRow } from "../../../../agent/codec/bit-row.ts";
import { readLayout, writeLayout } from "../../../../agent/codec/layout.ts";
import { fc } from "../../../support/property.ts";

test("a field takes the fewest bytes that hold it", () => {
  assert.deepEqual(bitRow("a", 16, 8), { name: "a", at: 2, raw: "u8", bits: [0, 7] });
  assert.deepEqual(bitRow("a", 71, 11), { name: "a", at: 8, raw: "u24le", bits: [7, 17] });
  assert.deepEqual(signedBitRow("a", 66, 22, { per: 1_000 }), {
    name: "a",
    at: 8,
    raw: "s24le",
    bits: [2, 23],
    per: 1_000,
  });
  assert.throws(() => bitRow("a", 1, 32), /a: 32 bits from bit 1 on do not lie within four bytes/);
});

test("a field at any bit, of any width and sign, is the one in the whole record", () => {
  const field = fc.record({ at: fc.nat(96), width: fc.integer({ min: 1, max: 25 }), isSigned: fc.boolean() });
  fc.assert(
    fc.property(field, fc.uint8Array({ minLength: 16, maxLength: 16 }), ({ at, width, isSigned }, record) => {
      const whole = record.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) >> BigInt(at);
      const expected = Number(isSigned ? BigInt.asIntN(width, whole) : BigInt.asUintN(width, whole));
      const rows = [(isSigned ? signedBitRow : bitRow)("field", at, width)];
      assert.equal(readLayout(rows, record).field, expected);
      assert.equal(readLayout(rows, writeLayout(rows, { field: expected })).field, expected);
    }),
  );
});
