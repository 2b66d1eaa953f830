import assert from "node:assert/strict";
import { test } from "node:test";
import { Packr } from "msgpackr/pack";
import { QUANTITIES } from "../../../../common/model/quantities.ts";
import { toReading } from "../../../../common/model/row.ts";
import { MAX_MESSAGE_BYTES } from "../../../../common/wire/fields.ts";
import { decodeDelivery } from "../../../../common/wire/messages.ts";
import { WireError } from "../../../../common/wire/wire-error.ts";
import { fc } from "../../../support/property.ts";
import { AT, deliver, MESSAGE, packr, reading, withReading, withRows } from "./message-fixture.ts";

/** An encoder with everything that msgpackr can write: extensions, records, shared references. */
const generous = new Packr({ moreTypes: true, structuredClone: true, useRecords: true });

/** Decodes bytes that must be a WireError or a sound message. */
function decode(bytes: Uint8Array) {
  try {
    const { origin, from, after, readings, latest } = decodeDelivery(bytes);
    for (const text of Object.values(origin)) assert.equal(typeof text, "string");
    for (const number of [from, after]) assert.ok(Number.isSafeInteger(number));
    for (const { seq, takenAt, sample } of [...readings, ...(latest ? [latest] : [])].map(toReading)) {
      assert.ok(Number.isSafeInteger(seq) && Number.isSafeInteger(takenAt));
      for (const [name, value] of Object.entries(sample)) {
        assert.ok(Object.hasOwn(QUANTITIES, name) && Number.isFinite(value));
      }
    }
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
  }
}

test("arbitrary bytes, and messages with damaged bytes, are a WireError or a sound message", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), decode), { numRuns: 2000 });
  const whole = deliver(1, [reading(1, { volts: 13.3, cell1: 3331, online: 1 })]);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(damage, (changes) => {
      const damaged = Uint8Array.from(whole);
      for (const [at, byte] of changes) damaged[at] = byte;
      decode(damaged);
    }),
    { numRuns: 5000 },
  );
});

/** Pieces of msgpack that a decoder may stumble over: extensions, records, heads that claim too much, deep nesting. */
const PIECES = [
  "d4724091a161",
  "d4724090",
  "40",
  "d572400091a161",
  "d46900",
  "d6690000000190",
  "d67000000001",
  "d662000000ff",
  "c706780102",
  "d6ff00000000",
  "dc1000",
  "df0fffffff",
  "dbffffffff",
  "c1",
  "a95f5f70726f746f5f5f",
  "91".repeat(200),
].map((hex) => Buffer.from(hex, "hex"));

test("messages with hostile pieces in them are a WireError or a sound message", () => {
  const whole = Buffer.from(deliver(1, [reading(1, { volts: 13.3, cell1: 3331 }), reading(2, { volts: 13.4 })]));
  const splices = fc.array(fc.tuple(fc.nat(whole.length), fc.nat(8), fc.constantFrom(...PIECES)), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(splices, (changes) => {
      let bytes = whole;
      for (const [at, length, piece] of changes) {
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + length)]);
      }
      decode(bytes);
    }),
    { numRuns: 5000 },
  );
});

test("rows with hostile cells in them are a WireError or a sound message", () => {
  const odd = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
  const header = fc.oneof(fc.constantFrom("volts", "cycles", "cycles,volts", "__proto__,volts", ""), odd);
  const cells = fc.oneof(fc.array(fc.oneof(fc.double(), odd), { maxLength: 4 }), odd);
  fc.assert(
    fc.property(header, cells, odd, (names, values, cell) => {
      const row = Array.isArray(values) ? [1, AT, ...values] : values;
      for (const rows of [[names, row], [names, [1, AT, cell]], [names, [cell, AT, 13.3]], [row], [cell]]) {
        decode(generous.pack(withRows(...rows)));
        decode(generous.pack({ ...withRows(), latest: rows }));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a sound message of any shape has only plain fields", () => {
  const odd = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
  const field = fc.constantFrom(...Object.keys(MESSAGE));
  fc.assert(
    fc.property(field, odd, odd, (name, value, deeper) => {
      for (const message of [
        { ...MESSAGE, [name]: value },
        withReading({ at: value }),
        withReading({ sample: value }),
        withReading({ sample: { volts: deeper, [name]: value } }),
      ]) {
        decode(generous.pack(message));
      }
    }),
    { numRuns: 2000 },
  );
});

for (const depth of [100, 10_000, MAX_MESSAGE_BYTES - 200]) {
  test(`an unknown key with ${depth} nested arrays is ignored or malformed`, () => {
    const message = Buffer.from(packr.pack({ ...MESSAGE, readings: [], zz: 0 }));
    const deep = Buffer.concat([message.subarray(0, -1), Buffer.alloc(depth, 0x91), Buffer.of(0)]);
    try {
      assert.deepEqual(decodeDelivery(deep).readings, []);
    } catch (error) {
      assert.ok(error instanceof WireError && error.fault === "malformed", String(error));
    }
    assert.equal(decodeDelivery(packr.pack(MESSAGE)).readings.length, 1);
  });
}
