import assert from "node:assert/strict";
import { test } from "node:test";
import { QUANTITIES, QUANTITY_NAMES } from "../../../../common/model/quantities.ts";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT, type Sample } from "../../../../common/model/reading.ts";
import { MAX_MESSAGE_BYTES, type Origin } from "../../../../common/wire/fields.ts";
import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeDelivery,
  encodeAcknowledgement,
  encodeDelivery,
  encodePreview,
  encodeReading,
} from "../../../../common/wire/messages.ts";
import { WireError, type WireFault } from "../../../../common/wire/wire-error.ts";
import { fc } from "../../../support/property.ts";
import { deliver, MESSAGE, ORIGIN, packr, reading, withReading } from "./message-fixture.ts";

const FROZEN_DELIVERY =
  "89a17602a174a872656164696e6773a372756eb030303131323233333434353536366666a466726f6d03a5616674657206a56d65746572a3626d73" +
  "a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a872656164696e6773dc0001" +
  "83a373657107a26174cb4278bcfe5687b000a673616d706c65" +
  "84a5766f6c7473cb402a99999999999aa4616d7073cbc000cccccccccccda563656c6c31cd0d03a66f6e6c696e6501";
const FROZEN_ACKNOWLEDGEMENT =
  "87a17602a174a361636ba565706f6368b066666565646463636262616139393838a372756eb030303131323233333434353536366666" +
  "a6637265646974cd012ca86163636570746564cd012ba7736574746c656407";

test("the bytes of version 2 are frozen", () => {
  const one = reading(7, { volts: 13.3, amps: -2.1, cell1: 3331, online: 1 });
  const bytes = Buffer.from(FROZEN_DELIVERY, "hex");
  assert.equal(Buffer.from(deliver(3, [one], 6)).toString("hex"), FROZEN_DELIVERY);
  assert.deepEqual(decodeDelivery(bytes), { origin: ORIGIN, from: 3, after: 6, readings: [one] });

  const ack = { epoch: "ffeeddccbbaa9988", run: ORIGIN.run, credit: 300, accepted: 299, settled: 7 };
  assert.equal(Buffer.from(encodeAcknowledgement(ack)).toString("hex"), FROZEN_ACKNOWLEDGEMENT);
  assert.deepEqual(decodeAcknowledgement(Buffer.from(FROZEN_ACKNOWLEDGEMENT, "hex")), ack);
});

test("a request for the state of a run may show a reading", () => {
  const one = reading(9, { volts: 13.3, online: 1 });
  const decoded = decodeDelivery(encodePreview(ORIGIN, { from: 3, after: 2 }, encodeReading(one)));
  assert.deepEqual(decoded, { origin: ORIGIN, from: 3, after: 2, readings: [], latest: one });
});

const identity = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => bits.toString(16).padStart(16, "0"));
const sample: fc.Arbitrary<Sample> = fc.record(
  Object.fromEntries(
    QUANTITY_NAMES.map((name) => [
      name,
      QUANTITIES[name].kind === "int"
        ? fc.integer()
        : fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
    ]),
  ),
  { requiredKeys: [], noNullPrototype: true },
);

test("a delivery is decoded as it was encoded", () => {
  const origin: fc.Arbitrary<Origin> = fc.record(
    {
      run: identity,
      meter: fc.constantFrom("bms", "Küche 2", "A4:C1:37:00:00:01", "電池"),
      device: fc.constantFrom("A4:C1:37:00:00:01", "C0:00:00:00:00:02"),
      driver: fc.constantFrom("jbd", "thornwave", "auto"),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(
      origin,
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.nat(),
      fc.array(
        fc.record({
          gap: fc.nat(1000),
          takenAt: fc.integer({ min: EARLIEST_TAKEN_AT, max: LATEST_TAKEN_AT - 1 }),
          sample,
        }),
        { maxLength: 8 },
      ),
      (who, from, held, later) => {
        const after = from - 1 + held;
        let seq = after;
        const readings = later.map(({ gap, ...rest }) => {
          seq += 1 + gap;
          return { ...who, seq, ...rest };
        });
        const delivery = decodeDelivery(encodeDelivery(who, { from, after }, readings.map(encodeReading)));
        assert.deepEqual(delivery, { origin: who, from, after, readings });
      },
    ),
  );
});

test("an acknowledgement is decoded as it was encoded", () => {
  const numbers = fc.tuple(fc.nat(), fc.nat(), fc.nat());
  fc.assert(
    fc.property(identity, identity, numbers, (epoch, run, [settled, more, most]) => {
      const ack: Acknowledgement = { epoch, run, settled, accepted: settled + more, credit: settled + more + most };
      assert.deepEqual(decodeAcknowledgement(encodeAcknowledgement(ack)), ack);
    }),
  );
});

test("a delivery without readings is valid", () => {
  assert.deepEqual(decodeDelivery(deliver(12, [])), { origin: ORIGIN, from: 12, after: 11, readings: [] });
});

test("unknown keys are ignored at every level, and the order of keys does not matter", () => {
  const newer = {
    colour: { shade: [1, null, true, new Uint8Array(3), new Date(0)] },
    ...withReading({ sample: { volts: 13.3, flux: 88, aura: "green" }, tilt: [] }),
  };
  const backwards = Object.fromEntries(Object.entries(newer).reverse());
  for (const message of [newer, backwards]) {
    assert.deepEqual(decodeDelivery(packr.pack(message)).readings, [reading(1, { volts: 13.3 })]);
  }
});

const REJECTED: [about: string, fault: WireFault, message: unknown][] = [
  ["an older version", "version", { ...MESSAGE, v: 1 }],
  ["a newer version", "version", { ...MESSAGE, v: 3 }],
  ["a newer version of another shape", "version", { v: 3, t: "batch" }],
  ["no version", "version", { ...MESSAGE, v: undefined }],
  ["a version that is text", "version", { ...MESSAGE, v: "1" }],
  ["an acknowledgement", "kind", { ...MESSAGE, t: "ack" }],
  ["no kind", "kind", { ...MESSAGE, t: undefined }],
  ["a number alone", "malformed", 1],
  ["an array", "malformed", [MESSAGE]],
  ["a key that is a number", "version", new Map<unknown, unknown>([[1, 2]])],
  ["a key that is an array", "malformed", new Map<unknown, unknown>([[[1], 2]])],
  ["nothing", "malformed", null],
  ["text", "malformed", "hello"],
  ["bytes", "malformed", new Uint8Array(9)],
  ["a date", "malformed", new Date(0)],
  ["a run of another length", "field", { ...MESSAGE, run: "0011" }],
  ["a run that is a number", "field", { ...MESSAGE, run: 17 }],
  ["a meter with a comma", "field", { ...MESSAGE, meter: "bms,host=x" }],
  ["a meter with a line feed", "field", { ...MESSAGE, meter: "bms\nsolar" }],
  ["no meter", "field", { ...MESSAGE, meter: "" }],
  ["a device in another spelling", "field", { ...MESSAGE, device: "a4c137000001" }],
  ["a driver that is a path", "field", { ...MESSAGE, driver: "../jbd" }],
  ["from zero", "field", { ...MESSAGE, from: 0 }],
  ["from half", "field", { ...MESSAGE, from: 0.5 }],
  ["after below from", "field", { ...MESSAGE, from: 2 }],
  ["a number that is not above after", "field", { ...MESSAGE, after: 1 }],
  ["readings that are text", "field", { ...MESSAGE, readings: "none" }],
  ["no readings", "field", { ...MESSAGE, readings: undefined }],
  ["a reading that is a number", "field", { ...MESSAGE, readings: [1] }],
  ["a number twice", "field", { ...MESSAGE, readings: [MESSAGE.readings[0], MESSAGE.readings[0]] }],
  ["an unsafe number", "field", withReading({ seq: 2 ** 53 })],
  ["a time that is text", "field", withReading({ at: "now" })],
  ["a time before the epoch", "field", withReading({ at: -1 })],
  ["a time of a clock that was not set", "field", withReading({ at: EARLIEST_TAKEN_AT - 1 })],
  ["a time of a clock that is far ahead", "field", withReading({ at: LATEST_TAKEN_AT })],
  ["a time in fractions", "field", withReading({ at: 1.5 })],
  ["a time beyond all dates", "field", withReading({ at: 9e15 })],
  ["a time that is a date", "field", withReading({ at: new Date(0) })],
  ["a time without end", "field", withReading({ at: Number.POSITIVE_INFINITY })],
  ["no sample", "field", withReading({ sample: undefined })],
  ["a sample that is an array", "field", withReading({ sample: [1] })],
  ["a sample that is bytes", "field", withReading({ sample: new Uint8Array(9) })],
  ["volts that are text", "field", withReading({ sample: { volts: "13.3" } })],
  ["volts that are nil", "field", withReading({ sample: { volts: null } })],
  ["volts that are not a number", "field", withReading({ sample: { volts: Number.NaN } })],
  ["volts without end", "field", withReading({ sample: { volts: Number.POSITIVE_INFINITY } })],
  ["volts that would print an exponent", "field", withReading({ sample: { volts: 1e21 } })],
  ["cycles in fractions", "field", withReading({ sample: { cycles: 4.5 } })],
  ["cycles beyond 2^53", "field", withReading({ sample: { cycles: 2n ** 60n } })],
  ["cycles that are true", "field", withReading({ sample: { cycles: true } })],
  ["cycles that are an array", "field", withReading({ sample: { cycles: [4] } })],
  ["cycles that are a map", "field", withReading({ sample: { cycles: { valueOf: 4 } } })],
];

for (const [about, fault, message] of REJECTED) {
  test(`rejects ${about}: ${fault}`, () => {
    assert.throws(
      () => decodeDelivery(packr.pack(message)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}

const REJECTED_ACKNOWLEDGEMENTS: [about: string, fault: WireFault, changed: object][] = [
  ["another version", "version", { v: 1 }],
  ["readings", "kind", { t: "readings" }],
  ["an epoch that is a number", "field", { epoch: 1 }],
  ["a negative number", "field", { settled: -1 }],
  ["more settled than accepted", "field", { settled: 8 }],
  ["more accepted than credit", "field", { accepted: 10 }],
];

for (const [about, fault, changed] of REJECTED_ACKNOWLEDGEMENTS) {
  test(`rejects an acknowledgement with ${about}: ${fault}`, () => {
    const ack = { v: 2, t: "ack", epoch: ORIGIN.run, run: ORIGIN.run, credit: 9, accepted: 7, settled: 5, ...changed };
    assert.throws(
      () => decodeAcknowledgement(packr.pack(ack)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}

test("rejects a message that is too long before decoding it", () => {
  assert.throws(
    () => decodeDelivery(new Uint8Array(MAX_MESSAGE_BYTES + 1)),
    (error) => error instanceof WireError && error.fault === "oversize",
  );
});

test("an error quotes a foreign text only in part and without characters that are unsafe on a terminal", () => {
  for (const unsafe of ["\u001b[2J\n", "\u009b2J", "\u202e", "\u200b", "\u2028"]) {
    assert.throws(
      () => decodeDelivery(packr.pack({ ...MESSAGE, meter: `${unsafe}${"x".repeat(1000)}` })),
      (error) => error instanceof WireError && error.message.length < 80 && /^[ -~]*$/.test(error.message),
    );
  }
});

test("a message cut anywhere is malformed", () => {
  const whole = deliver(1, [reading(1, { volts: 13.3, cell1: 3331 }), reading(2, { volts: 13.4 })]);
  for (let length = 0; length < whole.length; length += 1) {
    assert.throws(
      () => decodeDelivery(whole.subarray(0, length)),
      (error) => error instanceof WireError && error.fault === "malformed",
    );
  }
});

test("an unusable reading is not encoded", () => {
  for (const bad of [{ volts: Number.NaN }, { cycles: 1.5 }]) {
    assert.throws(
      () => encodeReading(reading(1, bad)),
      (error) => error instanceof WireError && error.fault === "field",
    );
  }
});
