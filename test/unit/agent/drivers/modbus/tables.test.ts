import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { layoutSize } from "../../../../../agent/codec/layout.ts";
import { BRANDS } from "../../../../../agent/drivers/modbus/brands/brands.ts";
import { decodeRegisters, rowsWithin } from "../../../../../agent/drivers/modbus/decode.ts";
import { isQuantity } from "../../../../../common/model/quantities.ts";

/** Rows from which `derive` makes quantities, or that count others. */
const HELPERS = ["sensors", "tenths", "hundredths", "balance", "hours", "minutes", "direction", "magnitude"];

for (const brand of BRANDS) {
  describe(brand.name, () => {
    test("each row has a name of its own, and becomes a quantity", () => {
      const names = brand.registers.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)]);
      assert.deepEqual(
        names.filter((name) => !isQuantity(name) && !HELPERS.includes(name)),
        [],
      );
    });

    test("each row is read by one request of a poll", () => {
      const polled = brand.polled.flatMap((span) => rowsWithin(brand, span).map(({ name }) => name));
      assert.deepEqual(polled.sort(), brand.registers.map(({ name }) => name).sort());
    });

    test("no request asks for more than a frame can hold", () => {
      for (const { count } of brand.polled) assert.ok(2 * count <= 250);
    });
  });
}

/** The values in registers of zeros, but for some. */
function decoded(driver: string, start: number, count: number, changed: Readonly<Record<number, number>>) {
  const brand = BRANDS.find(({ name }) => name === driver);
  assert.ok(brand);
  const view = new DataView(new ArrayBuffer(2 * count));
  for (const [register, value] of Object.entries(changed)) view.setUint16(2 * (Number(register) - start), value);
  return decodeRegisters(brand, start, new Uint8Array(view.buffer));
}

test("a row that is only partly in the answer is left out", () => {
  assert.deepEqual(decoded("vatrer", 1, 1, {}), {});
  assert.ok(BRANDS.every((brand) => rowsWithin(brand, { start: 0xff00, count: 4 }).length === 0));
  assert.ok(BRANDS.every(({ registers }) => registers.every((row) => layoutSize([row]) > 0)));
});

test("more cells than a board has are no answer of it", () => {
  assert.equal(decoded("renogy", 0x1388, 0x22, { 5000: 16 }).cell16, 0);
  assert.throws(() => decoded("renogy", 0x1388, 0x22, { 5000: 17 }), { fault: "malformed" });
});

test("Renogy: a cell that is low or high raises its alarm, and no charge left is 0 %", () => {
  const { alarm, auvp, aovp } = decoded("renogy", 0x13ec, 8, { 5100: 0x4000 });
  assert.deepEqual({ alarm, auvp, aovp }, { alarm: 0x4000_0000, auvp: 1, aovp: 0 });
  assert.equal(decoded("renogy", 0x13ec, 8, { 5101: 2 }).aovp, 1);
  assert.equal(decoded("renogy", 0x13ec, 8, { 5107: 0x2000 }).heating, 1);
  assert.equal(decoded("renogy", 0x13b2, 7, { 5047: 50_000 }).percent, 0);
  assert.equal(decoded("renogy", 0x13b2, 7, {}).percent, undefined);
});

test("EG4: the scale of the current follows from the full capacity", () => {
  assert.equal(decoded("eg4", 0, 0x27, { 1: 1000 }).amps, 100);
  assert.equal(decoded("eg4", 0, 0x27, { 1: 1000, 31: 0x55d4, 32: 0xa800 }).amps, 10);
});

test("Vatrer: the MOSFETs' temperature is the second after those of the sensors", () => {
  const values = decoded("vatrer", 0x34, 0x12, { 52: 2, 53: 18, 54: 19, 55: 20, 56: 31, 69: 1 });
  const { temp1, temp2, temp3, mostemp, balancing } = values;
  assert.deepEqual(
    { temp1, temp2, temp3, mostemp, balancing },
    { temp1: 18, temp2: 19, temp3: undefined, mostemp: 31, balancing: 1 },
  );
});

test("LiPower: the current has a sign only while the battery discharges", () => {
  assert.equal(decoded("lipower", 0x400, 8, { 1028: 1, 1029: 150 }).amps, -1.5);
  assert.equal(decoded("lipower", 0x400, 8, { 1028: 1 }).amps, 0);
  const charging = decoded("lipower", 0x400, 8, { 1028: 2, 1029: 150, 1030: 137 });
  assert.deepEqual(charging, { remain: 0, percent: 0, volts: 13.7, runtime: 0 });
});
