import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameError } from "../../../../../agent/codec/frame-error.ts";
import { recognise } from "../../../../../agent/drivers/recognise.ts";
import { encodeAdvertisement } from "../../../../../agent/drivers/victron/advertisement.ts";
import { RECORDS } from "../../../../../agent/drivers/victron/records.ts";
import { victron } from "../../../../../agent/drivers/victron/victron.ts";
import { advertisementOf } from "../../../../support/advertisement.ts";

const KEY = "aff4d0995b7d1e176c0c33ecb9e70dcd";
const SMART_SHUNT = "100289a302413bafd03bb245e131ae926267f6fd0b59e0";
const SAMPLE = { volts: 12.52, alarm: 0, amps: 0, percent: 50, consumed: 50, abuv: 0, abov: 0, alow: 0 };

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const advertised = (payload: Uint8Array) =>
  advertisementOf("D1:C7:00:00:00:01", { manufacturerData: new Map([[0x02e1, payload]]) });
const decode = (payload: Uint8Array, pin?: string) =>
  victron.decodeAdvertisement(advertised(payload), pin === undefined ? {} : { pin });
/** A record of this type, encrypted with KEY. */
const sealed = (record: number, plain: string) =>
  encodeAdvertisement({ model: 0xa389, record, number: 1 }, bytes(plain), bytes(KEY));

describe("the key", () => {
  for (const [about, pin] of [
    ["in small letters", KEY],
    ["in capitals", KEY.toUpperCase()],
    ["with blanks about it", `  ${KEY}\n`],
    ["with blanks in it", KEY.replace(/..../g, "$& ")],
  ] as const) {
    test(about, () => assert.deepEqual(decode(bytes(SMART_SHUNT), pin), SAMPLE));
  }

  for (const [about, pin, message] of [
    ["none", undefined, /^its values are encrypted: give the device's key with --pin-file; VictronConnect shows it/],
    ["an empty one", " ", /^its values are encrypted/],
    ["one of 31 digits", KEY.slice(1), /^the key has 31 digits instead of 32: copy it again from VictronConnect/],
    ["a PIN", "000000", /^the key is not 32 hexadecimal digits/],
    ["one of 33 digits", `${KEY}0`, /^the key is not 32 hexadecimal digits/],
    ["letters beyond F", KEY.replace("a", "g"), /^the key is not 32 hexadecimal digits/],
    ["another device's", KEY.replace("af", "ff"), /^the record is encrypted with another key than the given: copy its/],
  ] as const) {
    test(`${about}: locked, with a sentence that never contains it`, () => {
      assert.throws(
        () => decode(bytes(SMART_SHUNT), pin),
        (error) =>
          error instanceof FrameError &&
          error.fault === "locked" &&
          message.test(error.message) &&
          !(pin?.trim() && error.message.includes(pin)),
      );
    });
  }

  test("one that passes the only check by chance gives values that no device has: refused", () => {
    const others = Array.from({ length: 256 }, (_, i) => `af${i.toString(16).padStart(2, "0").repeat(15)}`);
    const refused = others.filter((pin) => {
      try {
        decode(bytes(SMART_SHUNT), pin);
        return false;
      } catch (error) {
        return error instanceof FrameError && error.fault === "malformed";
      }
    });
    assert.ok(refused.length > 200, `${refused.length} of 256`);
  });
});

describe("records", () => {
  test("other records of the maker, types without a published layout, and other companies carry no values", () => {
    assert.equal(decode(bytes("0200a2a30e0000"), KEY), undefined);
    assert.equal(decode(sealed(0x07, "0000000000000000"), KEY), undefined);
    assert.equal(victron.decodeAdvertisement(advertisementOf("D1:C7:00:00:00:01"), { pin: KEY }), undefined);
  });

  for (const [about, record, plain, sample] of [
    ["no percent and no charge", 0x02, "ffffe404000000000300f0ffffff", { volts: 12.52 }],
    ["more than 100 %", 0x02, "ffffe404000000000300000000903e", "malformed"],
    ["100 % and all else absent", 0x02, "ffffff7f0000ffff030000ffff8ffe", { percent: 100 }],
    ["155.69 V", 0x02, "ffffd13c00000000030000f40140df", "malformed"],
    ["a volt below zero", 0x01, "030038ff02000200030000fe", "malformed"],
    ["a midpoint", 0x02, "ffffe40400008a02010000f40140df", { midvolts: 6.5 }],
    ["an unknown state and error", 0x04, "ee4d2305ff7f80000000", { state: 0xee, errorcode: 0x4d, offreason: 128 }],
    ["nothing but FF", 0x01, "ffffff7fff7fffffffffffff", {}],
    ["charging forbidden", 0x05, "000000040000c7e3d1f8ffffff2b35b5", { fet: 2, balancing: 0 }],
    ["all alarms", 0x03, "09ffff2c05000000000000", { alarm: 0xffff, abuv: 1, abov: 1, alow: 1 }],
    ["a record cut in its cells", 0x05, "000000060000c7e3", { cell1: 3310, cell2: 3310 }],
  ] as const) {
    test(about, () => {
      if (sample === "malformed") {
        assert.throws(() => decode(sealed(record, plain), KEY), { fault: "malformed" });
        return;
      }
      const decoded = decode(sealed(record, plain), KEY);
      assert.deepEqual({ ...decoded, ...sample }, decoded);
      if (Object.keys(sample).length === 0) assert.deepEqual(decoded, {});
    });
  }

  test("a short record says nothing of what is cut", () => {
    assert.deepEqual(decode(sealed(0x05, "000000060000c7e3"), KEY)?.cells, undefined);
    assert.deepEqual(decode(sealed(0x02, "3c001e05"), KEY), { runtime: 60, volts: 13.1 });
  });
});

describe("what an advertisement shows without a key", () => {
  test("its number and its model", () => {
    const heard = advertised(bytes(SMART_SHUNT));
    assert.equal(victron.recordNumber(heard), 0x3b41);
    assert.deepEqual(victron.describeAdvertisement(heard), { model: "SmartShunt 500A/50mV" });
    assert.deepEqual(victron.describeAdvertisement(advertised(bytes("0200a2a30e0000"))), {});
  });

  test("a model that has no name is named by its record", () => {
    const model = (number: number, record: number) =>
      victron.describeAdvertisement(
        advertised(encodeAdvertisement({ model: number, record, number: 1 }, bytes("00"), bytes(KEY))),
      );
    assert.deepEqual(model(0xa057, 0x01), { model: "solar charger, model 0xA057" });
    assert.deepEqual(model(0xa0ea, 0x05), { model: "Smart Lithium" });
    assert.deepEqual(model(0x1234, 0x07), { model: "device with record 7, model 0x1234" });
  });

  test("its payload alone makes it certain, and another payload of the company nothing", () => {
    assert.equal(recognise(advertised(bytes("10")))?.confidence, "certain");
    assert.equal(recognise(advertised(bytes("0200a2a30e0000"))), undefined);
  });
});

test("the rows of each record lie in its bytes and have names of their own", () => {
  for (const [type, { rows }] of RECORDS) {
    const bits = rows.map(({ at, bits: [low, high] = [0, 0] }) => [at * 8 + low, at * 8 + high] as const);
    const sorted = [...bits].sort(([a], [b]) => a - b);
    for (const [i, [low]] of sorted.entries()) assert.ok(low > (sorted[i - 1]?.[1] ?? -1), `record ${type}`);
    assert.ok((sorted.at(-1)?.[1] ?? 0) < 128, `record ${type}`);
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length, `record ${type}`);
  }
});
