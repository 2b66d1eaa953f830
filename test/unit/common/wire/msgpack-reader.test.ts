import assert from "node:assert/strict";
import { test } from "node:test";
import { Packr } from "msgpackr/pack";
import { MsgpackReader } from "../../../../common/wire/msgpack-reader.ts";
import { fc } from "../../../support/property.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

const NUMBERS: [about: string, hex: string, value: number][] = [
  ["positive fixint", "7f", 127],
  ["negative fixint", "e0", -32],
  ["minus one", "ff", -1],
  ["uint 8", "ccff", 255],
  ["uint 16", "cdffff", 65_535],
  ["uint 32", "ceffffffff", 4_294_967_295],
  ["uint 64", "cf0020000000000000", 2 ** 53],
  ["int 8", "d080", -128],
  ["int 16", "d18000", -32_768],
  ["int 32", "d280000000", -2_147_483_648],
  ["int 64", "d3ffe0000000000000", -(2 ** 53)],
  ["float 32", "ca41540000", 13.25],
  ["float 64", "cb402a99999999999a", 13.3],
];

for (const [about, bytes, value] of NUMBERS) {
  test(`reads ${about}`, () => {
    const reader = new MsgpackReader(hex(bytes));
    assert.equal(reader.number(), value);
    assert.ok(reader.atEnd);
  });
}

test("reads every number, text, array and map as msgpackr writes them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true })), (value) => {
      const reader = new MsgpackReader(packr.pack(value));
      assert.equal(reader.number(), value === 0 ? 0 : value);
      assert.ok(reader.atEnd);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (value) => {
      const reader = new MsgpackReader(packr.pack(value));
      assert.equal(reader.string(), value);
      assert.ok(reader.atEnd);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 40 }), (values) => {
      const list = new MsgpackReader(packr.pack(values));
      assert.equal(list.array(), values.length);
      for (const value of values) assert.equal(list.number(), value);
      assert.ok(list.atEnd);
      const map = new MsgpackReader(packr.pack(Object.fromEntries(values.map((value, i) => [`k${i}`, value]))));
      assert.equal(map.map(), values.length);
    }),
  );
});

test("words are themselves, however many there are and however often they come", () => {
  const words = Array.from({ length: 5_000 }, (_, i) => `${i % 2 ? "é" : "w"}${i}`);
  for (const word of [...words, ...words]) assert.equal(new MsgpackReader(packr.pack(word)).string(), word);
});

const OPAQUE: [about: string, hex: string][] = [
  ["nil", "c0"],
  ["booleans", "c2"],
  ["binary", "c403010203"],
  ["long binary", `c50100${"00".repeat(256)}`],
  ["fixed extension", "d6ff00000000"],
  ["extension", "c7027301c0"],
  ["map in array in map", "81a1619181a16205"],
];

for (const [about, bytes] of OPAQUE) {
  test(`passes over ${about}, whatever was asked for`, () => {
    for (const ask of ["number", "string", "passOver"] as const) {
      const reader = new MsgpackReader(hex(`${bytes}2a`));
      assert.equal(reader[ask](), undefined);
      assert.equal(reader.number(), 42);
      assert.ok(reader.atEnd);
    }
  });
}

test("passes over any value that msgpackr can write, exactly to its end", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const reader = new MsgpackReader(packr.pack(value));
      reader.passOver();
      assert.ok(reader.atEnd);
    }),
  );
});

test("a value cut anywhere raises RangeError", () => {
  const whole = packr.pack({ volts: 13.3, text: "x".repeat(40), list: [1, 300, 70_000], deep: { a: { b: null } } });
  for (let length = 0; length < whole.length; length += 1) {
    assert.throws(() => new MsgpackReader(whole.subarray(0, length)).passOver(), RangeError);
  }
});

const REFUSED: [about: string, hex: string][] = [
  ["the byte that msgpack never uses", "c1"],
  ["an array that claims four thousand million values", "ddffffffff00"],
  ["a map that claims four thousand million pairs", "dfffffffff00"],
  ["a text that claims four gigabytes", "dbffffffff61"],
  ["nesting without end", "91".repeat(10_000)],
];

for (const [about, bytes] of REFUSED) {
  test(`refuses ${about}`, () => assert.throws(() => new MsgpackReader(hex(bytes)).passOver(), RangeError));
}

test("refuses text that is not UTF-8", () => {
  assert.throws(() => new MsgpackReader(hex("a1ff")).string(), RangeError);
});
