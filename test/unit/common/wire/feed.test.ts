import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFeedPayload, encodeFeedMessage } from "../../../../common/wire/feed.ts";
import { WireError, type WireFault } from "../../../../common/wire/wire-error.ts";
import { packr, reading } from "./message-fixture.ts";

const READING = reading(7, { volts: 13.3, amps: -2.1, cell1: 3331, online: 1 });
const FROZEN =
  "88a17601a56d65746572a3626d73a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a372756e" +
  "b030303131323233333434353536366666a373657107a26174cb4278bcfe5687b000a673616d706c65" +
  "84a5766f6c7473cb402a99999999999aa4616d7073cbc000cccccccccccda563656c6c31cd0d03a66f6e6c696e6501";
const FIELDS = { v: 1, meter: "bms", device: "A4:C1:37:00:00:01", driver: "jbd", run: READING.run, seq: 7 };

test("the bytes of version 1 are frozen", () => {
  const { topic, payload } = encodeFeedMessage(READING);
  assert.equal(topic, "bms");
  assert.equal(Buffer.from(payload).toString("hex"), FROZEN);
  assert.deepEqual(decodeFeedPayload(Buffer.from(FROZEN, "hex")), READING);
});

test("unknown keys and quantities are ignored", () => {
  const payload = packr.pack({ ...FIELDS, at: READING.takenAt, sample: { volts: 13.3, later: 1 }, later: "boat" });
  assert.deepEqual(decodeFeedPayload(payload), { ...READING, sample: { volts: 13.3 } });
});

test("a reading of a site keeps it, below the topic of its meter", () => {
  const { topic, payload } = encodeFeedMessage({ ...READING, site: "shed" });
  assert.equal(topic, "bms");
  assert.deepEqual(decodeFeedPayload(payload), { ...READING, site: "shed" });
});

const BAD: readonly (readonly [about: string, value: unknown, fault: WireFault])[] = [
  ["not a map", [1], "malformed"],
  ["another version", { ...FIELDS, v: 2, at: READING.takenAt, sample: {} }, "version"],
  ["no version", { ...FIELDS, v: undefined, at: READING.takenAt, sample: {} }, "version"],
  ["a meter with a line break", { ...FIELDS, meter: "a\nb", at: READING.takenAt, sample: {} }, "field"],
  ["a site with a blank", { ...FIELDS, site: "my shed", at: READING.takenAt, sample: {} }, "field"],
  ["a time outside the possible ones", { ...FIELDS, at: 1, sample: {} }, "field"],
  ["a value that is not a number", { ...FIELDS, at: READING.takenAt, sample: { volts: "13" } }, "field"],
];
for (const [about, value, fault] of BAD) {
  test(`a payload is rejected: ${about}`, () => {
    assert.throws(
      () => decodeFeedPayload(packr.pack(value)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}
