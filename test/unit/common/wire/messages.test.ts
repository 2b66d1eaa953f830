import assert from "node:assert/strict";
import { test } from "node:test";
import { Packr } from "msgpackr/pack";
import { QUANTITIES, QUANTITY_NAMES } from "../../../../common/model/quantities.ts";
import type { Reading, Sample } from "../../../../common/model/reading.ts";
import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeDelivery,
  encodeAcknowledgement,
  encodeDelivery,
  encodeReading,
  MAX_MESSAGE_BYTES,
  type Origin,
} from "../../../../common/wire/messages.ts";
import { WireError, type WireFault } from "../../../../common/wire/wire-error.ts";
import { fc } from "../../../support/property.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const ORIGIN: Origin = { run: "00112233445566ff", meter: "bms", device: "A4:C1:37:00:00:01", driver: "jbd" };
const reading = (seq: number, sample: Sample, takenAt = 1_700_000_000_123): Reading => ({
  ...ORIGIN,
  takenAt,
  seq,
  sample,
});
const deliver = (from: number, readings: readonly Reading[], after = from - 1) =>
  encodeDelivery(ORIGIN, { from, after }, readings.map(encodeReading));

const FROZEN_DELIVERY =
  "89a17601a174a872656164696e6773a372756eb030303131323233333434353536366666a466726f6d03a5616674657206a56d65746572a3626d73" +
  "a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a872656164696e6773dc0001" +
  "83a373657107a26174cb4278bcfe5687b000a673616d706c65" +
  "84a5766f6c7473cb402a99999999999aa4616d7073cbc000cccccccccccda563656c6c31cd0d03a66f6e6c696e6501";
const FROZEN_ACKNOWLEDGEMENT =
  "87a17601a174a361636ba565706f6368b066666565646463636262616139393838a372756eb030303131323233333434353536366666" +
  "a574616b656ecd012ca86163636570746564cd012ba7736574746c656407";

test("the bytes of version 1 are these", () => {
  const one = reading(7, { volts: 13.3, amps: -2.1, cell1: 3331, online: 1 });
  const bytes = Buffer.from(FROZEN_DELIVERY, "hex");
  assert.equal(Buffer.from(deliver(3, [one], 6)).toString("hex"), FROZEN_DELIVERY);
  assert.deepEqual(decodeDelivery(bytes), { origin: ORIGIN, from: 3, after: 6, readings: [one] });

  const ack = { epoch: "ffeeddccbbaa9988", run: ORIGIN.run, taken: 300, accepted: 299, settled: 7 };
  assert.equal(Buffer.from(encodeAcknowledgement(ack)).toString("hex"), FROZEN_ACKNOWLEDGEMENT);
  assert.deepEqual(decodeAcknowledgement(Buffer.from(FROZEN_ACKNOWLEDGEMENT, "hex")), ack);
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

test("what is delivered comes out as it went in", () => {
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
      fc.array(fc.record({ gap: fc.nat(1000), takenAt: fc.nat(8_000_000_000_000), sample }), { maxLength: 8 }),
      (who, from, held, taken) => {
        const after = from - 1 + held;
        let seq = after;
        const readings = taken.map(({ gap, ...rest }) => {
          seq += 1 + gap;
          return { ...who, seq, ...rest };
        });
        const delivery = decodeDelivery(encodeDelivery(who, { from, after }, readings.map(encodeReading)));
        assert.deepEqual(delivery, { origin: who, from, after, readings });
      },
    ),
  );
});

test("an acknowledgement comes out as it went in", () => {
  const numbers = fc.tuple(fc.nat(), fc.nat(), fc.nat());
  fc.assert(
    fc.property(identity, identity, numbers, (epoch, run, [settled, more, most]) => {
      const ack: Acknowledgement = { epoch, run, settled, accepted: settled + more, taken: settled + more + most };
      assert.deepEqual(decodeAcknowledgement(encodeAcknowledgement(ack)), ack);
    }),
  );
});

test("a message without readings asks where the aggregator stands", () => {
  assert.deepEqual(decodeDelivery(deliver(12, [])), { origin: ORIGIN, from: 12, after: 11, readings: [] });
});

const MESSAGE = {
  v: 1,
  t: "readings",
  ...ORIGIN,
  from: 1,
  after: 0,
  readings: [{ seq: 1, at: 1_700_000_000_123, sample: { volts: 13.3, cycles: 4 } }],
};
const withReading = (changed: object) => ({ ...MESSAGE, readings: [{ ...MESSAGE.readings[0], ...changed }] });

test("keys that are not known are ignored at every level, and the order of keys does not matter", () => {
  const newer = {
    colour: { shade: [1, null, true, new Uint8Array(3), new Date(0)] },
    ...withReading({ sample: { volts: 13.3, flux: 88, aura: "green" }, tilt: [] }),
  };
  const backwards = Object.fromEntries(Object.entries(newer).reverse());
  for (const message of [newer, backwards]) {
    assert.deepEqual(decodeDelivery(packr.pack(message)).readings, [reading(1, { volts: 13.3 })]);
  }
});

const REFUSED: [about: string, fault: WireFault, message: unknown][] = [
  ["a version to come", "version", { ...MESSAGE, v: 2 }],
  ["a version to come of another shape", "version", { v: 2, t: "batch" }],
  ["no version", "version", { ...MESSAGE, v: undefined }],
  ["a version that is text", "version", { ...MESSAGE, v: "1" }],
  ["an acknowledgement", "kind", { ...MESSAGE, t: "ack" }],
  ["no kind", "kind", { ...MESSAGE, t: undefined }],
  ["a number alone", "malformed", 1],
  ["an array", "malformed", [MESSAGE]],
  ["a key that is a number", "malformed", new Map<unknown, unknown>([[1, 2]])],
  ["a run of another length", "field", { ...MESSAGE, run: "0011" }],
  ["a run that is a number", "field", { ...MESSAGE, run: 17 }],
  ["a meter with a comma", "field", { ...MESSAGE, meter: "bms,host=x" }],
  ["a meter with a line feed", "field", { ...MESSAGE, meter: "bms\nsolar" }],
  ["no meter", "field", { ...MESSAGE, meter: "" }],
  ["a device in another spelling", "field", { ...MESSAGE, device: "a4c137000001" }],
  ["a driver that is a path", "field", { ...MESSAGE, driver: "../jbd" }],
  ["from zero", "field", { ...MESSAGE, from: 0 }],
  ["from half", "field", { ...MESSAGE, from: 0.5 }],
  ["a place before the first that is held", "field", { ...MESSAGE, from: 2 }],
  ["a number that is not after its place", "field", { ...MESSAGE, after: 1 }],
  ["readings that are text", "field", { ...MESSAGE, readings: "none" }],
  ["no readings", "field", { ...MESSAGE, readings: undefined }],
  ["a reading that is a number", "field", { ...MESSAGE, readings: [1] }],
  ["a number twice", "field", { ...MESSAGE, readings: [MESSAGE.readings[0], MESSAGE.readings[0]] }],
  ["an unsafe number", "field", withReading({ seq: 2 ** 53 })],
  ["a time that is text", "field", withReading({ at: "now" })],
  ["a time before the epoch", "field", withReading({ at: -1 })],
  ["a time in fractions", "field", withReading({ at: 1.5 })],
  ["a time beyond all dates", "field", withReading({ at: 9e15 })],
  ["no sample", "field", withReading({ sample: undefined })],
  ["a sample that is an array", "field", withReading({ sample: [1] })],
  ["volts that are text", "field", withReading({ sample: { volts: "13.3" } })],
  ["volts that are nil", "field", withReading({ sample: { volts: null } })],
  ["volts that are no number", "field", withReading({ sample: { volts: Number.NaN } })],
  ["volts without end", "field", withReading({ sample: { volts: Number.POSITIVE_INFINITY } })],
  ["volts that would print an exponent", "field", withReading({ sample: { volts: 1e21 } })],
  ["cycles in fractions", "field", withReading({ sample: { cycles: 4.5 } })],
  ["cycles beyond 2^53", "field", withReading({ sample: { cycles: 2n ** 60n } })],
];

for (const [about, fault, message] of REFUSED) {
  test(`refuses ${about}: ${fault}`, () => {
    assert.throws(
      () => decodeDelivery(packr.pack(message)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}

const REFUSED_ACKNOWLEDGEMENTS: [about: string, fault: WireFault, changed: object][] = [
  ["another version", "version", { v: 2 }],
  ["readings", "kind", { t: "readings" }],
  ["an epoch that is a number", "field", { epoch: 1 }],
  ["a negative number", "field", { settled: -1 }],
  ["more settled than accepted", "field", { settled: 8 }],
  ["more accepted than taken", "field", { accepted: 10 }],
];

for (const [about, fault, changed] of REFUSED_ACKNOWLEDGEMENTS) {
  test(`refuses an acknowledgement with ${about}: ${fault}`, () => {
    const ack = { v: 1, t: "ack", epoch: ORIGIN.run, run: ORIGIN.run, taken: 9, accepted: 7, settled: 5, ...changed };
    assert.throws(
      () => decodeAcknowledgement(packr.pack(ack)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}

test("refuses a message longer than any of ours before it looks inside", () => {
  assert.throws(
    () => decodeDelivery(new Uint8Array(MAX_MESSAGE_BYTES + 1)),
    (error) => error instanceof WireError && error.fault === "oversize",
  );
});

test("a fault quotes a stranger's text only in part and without control characters", () => {
  assert.throws(
    () => decodeDelivery(packr.pack({ ...MESSAGE, meter: `\u001b[2J\n${"x".repeat(1000)}` })),
    (error) => error instanceof WireError && error.message.length < 80 && /^[ -~]*$/.test(error.message),
  );
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

test("arbitrary bytes, and messages with damaged bytes, are a WireError or a sound message", () => {
  const decode = (bytes: Uint8Array) => {
    try {
      const { readings } = decodeDelivery(bytes);
      for (const { sample } of readings) {
        for (const [name, value] of Object.entries(sample)) assert.ok(name in QUANTITIES && Number.isFinite(value));
      }
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  };
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

test("what no aggregator would take is not encoded", () => {
  for (const bad of [{ volts: Number.NaN }, { cycles: 1.5 }]) {
    assert.throws(
      () => encodeReading(reading(1, bad)),
      (error) => error instanceof WireError && error.fault === "field",
    );
  }
});
