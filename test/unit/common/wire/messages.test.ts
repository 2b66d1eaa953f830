import assert from "node:assert/strict";
import { test } from "node:test";
import { QUANTITIES, QUANTITY_NAMES } from "../../../../common/model/quantities.ts";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT, type Sample } from "../../../../common/model/reading.ts";
import { toReading } from "../../../../common/model/row.ts";
import type { Origin } from "../../../../common/wire/fields.ts";
import {
  type Acknowledgement,
  decodeAcknowledgement,
  decodeDelivery,
  decodeReply,
  encodeAcknowledgement,
  encodeDelivery,
  encodePreview,
  encodeReading,
  encodeRefusal,
  encodeVersionNotice,
  upgradeReading,
  withSendTime,
  withTime,
} from "../../../../common/wire/messages.ts";
import { WireError } from "../../../../common/wire/wire-error.ts";
import { fc } from "../../../support/property.ts";
import { AT, deliver, MESSAGE, ORIGIN, packr, reading, withReading, withRows } from "./message-fixture.ts";

const FROZEN_DELIVERY =
  "89a17603a174a872656164696e6773a372756eb030303131323233333434353536366666a466726f6d03a5616674657206a56d65746572a3626d73" +
  "a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a872656164696e6773dc0002" +
  "b7766f6c74732c616d70732c63656c6c312c6f6e6c696e65" +
  "9607cb4278bcfe5687b000cb402a99999999999acbc000cccccccccccdcd0d0301";
const FROZEN_DELIVERY_2 =
  "89a17602a174a872656164696e6773a372756eb030303131323233333434353536366666a466726f6d03a5616674657206a56d65746572a3626d73" +
  "a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a872656164696e6773dc0001" +
  "83a373657107a26174cb4278bcfe5687b000a673616d706c65" +
  "84a5766f6c7473cb402a99999999999aa4616d7073cbc000cccccccccccda563656c6c31cd0d03a66f6e6c696e6501";
const FROZEN_ACKNOWLEDGEMENT =
  "87a17602a174a361636ba565706f6368b066666565646463636262616139393838a372756eb030303131323233333434353536366666" +
  "a6637265646974cd012ca86163636570746564cd012ba7736574746c656407";

/** A decoded delivery with its readings as they were before they became rows. */
function decode(bytes: Uint8Array) {
  const { readings, latest, ...rest } = decodeDelivery(bytes);
  return { ...rest, readings: readings.map(toReading), ...(latest && { latest: toReading(latest) }) };
}

test("the bytes of the messages are frozen, and those of version 2 are read", () => {
  const one = reading(7, { volts: 13.3, amps: -2.1, cell1: 3331, online: 1 });
  assert.equal(Buffer.from(deliver(3, [one], 6)).toString("hex"), FROZEN_DELIVERY);
  for (const frozen of [FROZEN_DELIVERY, FROZEN_DELIVERY_2])
    assert.deepEqual(decode(Buffer.from(frozen, "hex")), { origin: ORIGIN, from: 3, after: 6, readings: [one] });

  const ack = { epoch: "ffeeddccbbaa9988", run: ORIGIN.run, credit: 300, accepted: 299, settled: 7 };
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

test("a delivery is decoded as it was encoded", () => {
  const origin: fc.Arbitrary<Origin> = fc.record(
    {
      run: identity,
      site: fc.constantFrom("shed", "boat-2"),
      meter: fc.constantFrom("bms", "Küche 2", "A4:C1:37:00:00:01", "電池"),
      device: fc.constantFrom("A4:C1:37:00:00:01", "C0:00:00:00:00:02"),
      driver: fc.constantFrom("jbd", "thornwave", "auto"),
    },
    { requiredKeys: ["run", "meter", "device", "driver"], noNullPrototype: true },
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
        const expected = { origin: who, from, after, readings };
        assert.deepEqual(decode(encodeDelivery(who, { from, after }, readings.map(encodeReading))), expected);
        const maps = readings.map(({ seq, takenAt, sample }) => ({ seq, at: takenAt, sample }));
        const older = packr.pack({ v: 2, t: "readings", ...who, from, after, readings: maps });
        assert.deepEqual(decode(older), expected, "as an older agent sends it");
        const upgraded = maps.map((map) => upgradeReading(packr.pack(map)));
        assert.deepEqual(upgraded, readings.map(encodeReading), "as an older spool file has it");
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

test("a refusal is decoded as it was encoded, beside acknowledgements", () => {
  const refusal = { run: ORIGIN.run, host: "shed", owner: "local" };
  assert.deepEqual(decodeReply(encodeRefusal(refusal)), refusal);
  const ack = { epoch: "ffeeddccbbaa9988", run: ORIGIN.run, credit: 300, accepted: 299, settled: 7 };
  assert.deepEqual(decodeReply(encodeAcknowledgement(ack)), ack);
});

test("a delivery can carry the sender's clock, and is otherwise the same", () => {
  const one = reading(7, { volts: 13.3, amps: -2.1, cell1: 3331, online: 1 });
  const sentAt = 1_700_000_000_123;
  const expected = { origin: ORIGIN, from: 3, after: 6, readings: [one] };
  assert.deepEqual(decode(withSendTime(deliver(3, [one], 6), sentAt)), { ...expected, sent: sentAt });
  const preview = encodePreview({ ...ORIGIN, site: "shed" }, { from: 3, after: 6 }, encodeReading(one));
  assert.equal(decodeDelivery(withSendTime(preview, sentAt)).sent, sentAt);
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
    assert.deepEqual(decode(packr.pack(message)).readings, [reading(1, { volts: 13.3 })]);
  }
});

test("columns may be in any order, and unknown ones are left out with whatever they hold", () => {
  const message = withRows("flux,cell2,volts,aura,cell1", [1, AT, [88], 3302, 13.3, "green", 3301]);
  const { readings } = decodeDelivery(packr.pack(message));
  assert.deepEqual(readings.map(toReading), [reading(1, { volts: 13.3, cell1: 3301, cell2: 3302 }, AT)]);
  assert.equal(readings[0]?.columns.header, "volts,cell1,cell2");
});

test("a header is sent once for the rows that follow it", () => {
  const readings = [{ volts: 13.3 }, { volts: 13.4 }, { online: 0 }, { volts: 13.5 }].map((sample, i) =>
    reading(i + 1, sample),
  );
  const bytes = deliver(1, readings);
  const { readings: items } = packr.unpack(bytes) as { readings: unknown[] };
  assert.deepEqual(
    items.filter((item) => typeof item === "string"),
    ["volts", "online", "volts"],
  );
  assert.deepEqual(decode(bytes).readings, readings);
});

test("a header of any length is cut off where it ends", () => {
  for (const count of [0, 1, 6, 7, 40, 60, QUANTITY_NAMES.length]) {
    const sample = Object.fromEntries(QUANTITY_NAMES.slice(0, count).map((name) => [name, 1])) as Sample;
    assert.deepEqual(decode(deliver(1, [reading(1, sample)])).readings, [reading(1, sample)]);
  }
});

test("a reading with another time", () => {
  const { seq, takenAt, sample } = reading(7, { volts: 13.3, cell1: 3301 });
  const changed = withTime(encodeReading({ seq, takenAt, sample }), takenAt + 5);
  assert.deepEqual(changed, encodeReading({ seq, takenAt: takenAt + 5, sample }));
});

test("a request for the state of a run may show a reading, of either version", () => {
  const latest = reading(9, { volts: 13.3 });
  const older = { ...MESSAGE, readings: [], latest: { seq: 9, at: latest.takenAt, sample: latest.sample } };
  const expected = { origin: ORIGIN, from: 1, after: 0, readings: [], latest };
  assert.deepEqual(decode(encodePreview(ORIGIN, { from: 1, after: 0 }, encodeReading(latest))), expected);
  assert.deepEqual(decode(packr.pack(older)), expected);
});

test("a version that the aggregator does not read is an error with the remedy", () => {
  assert.throws(() => decodeAcknowledgement(encodeVersionNotice()), /does not read wire version 3: install the same/);
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

test("an impossible value is not encoded, and the others are", () => {
  for (const bad of [{ volts: Number.NaN }, { cycles: 1.5 }, { cell1: 2 ** 53 }]) {
    const sample = { amps: -2, percent: 50 };
    assert.deepEqual(encodeReading(reading(1, { ...sample, ...bad })), encodeReading(reading(1, sample)));
  }
});
