import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIEST_TAKEN_AT, LATEST_TAKEN_AT } from "../../../../common/model/reading.ts";
import { MAX_MESSAGE_BYTES } from "../../../../common/wire/fields.ts";
import { decodeAcknowledgement, decodeDelivery, decodeReply } from "../../../../common/wire/messages.ts";
import { WireError, type WireFault } from "../../../../common/wire/wire-error.ts";
import { AT, MESSAGE, ORIGIN, packr, withReading, withRows } from "./message-fixture.ts";

const REJECTED: [about: string, fault: WireFault, message: unknown][] = [
  ["an older version", "version", { ...MESSAGE, v: 1 }],
  ["a newer version", "version", { ...MESSAGE, v: 4 }],
  ["a newer version of another shape", "version", { v: 4, t: "batch" }],
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
  ["a time of sending before 1970", "field", { ...MESSAGE, sent: -1 }],
  ["a time of sending that is a text", "field", { ...MESSAGE, sent: "now" }],
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
  ["cycles that are true", "field", withReading({ sample: { cycles: true } })],
  ["cycles that are an array", "field", withReading({ sample: { cycles: [4] } })],
  ["cycles that are a map", "field", withReading({ sample: { cycles: { valueOf: 4 } } })],
  ["a latest reading without a sample", "field", { ...MESSAGE, latest: {} }],
  ["a map among rows", "field", { ...MESSAGE, v: 3 }],
  ["a row without a header", "field", withRows([1, AT])],
  ["a header that is bytes", "field", withRows(new Uint8Array(9), [1, AT])],
  ["a header with a name twice", "field", withRows("volts,volts", [1, AT, 13.3, 13.3])],
  ["a header that is too long", "field", withRows(`volts,${"x".repeat(5_000)}`, [1, AT, 13.3, 1])],
  ["a row that is too short", "field", withRows("volts,amps", [1, AT, 13.3])],
  ["a row that is too long", "field", withRows("volts", [1, AT, 13.3, 1])],
  ["a row without a number", "field", withRows("", [])],
  ["a row whose number is text", "field", withRows("volts", ["1", AT, 13.3])],
  ["a row of a time that is nil", "field", withRows("volts", [1, null, 13.3])],
  ["a row of a time that was not set", "field", withRows("volts", [1, EARLIEST_TAKEN_AT - 1, 13.3])],
  ["rows whose numbers do not rise", "field", withRows("volts", [2, AT, 13.3], [2, AT, 13.3])],
  ["rows whose numbers do not rise across headers", "field", withRows("volts", [2, AT, 13.3], "amps", [1, AT, 1])],
  ["a value that is nil", "field", withRows("volts", [1, AT, null])],
  ["an int that is text, in another order", "field", withRows("cycles,volts", [1, AT, "4", 13.3])],
  ["a latest reading that is a row alone", "field", { ...withRows(), latest: [1, AT] }],
  ["a latest reading that is a header alone", "field", { ...withRows(), latest: ["volts"] }],
  ["a latest reading that is text", "field", { ...withRows(), latest: "volts" }],
];

for (const [about, fault, message] of REJECTED) {
  test(`rejects ${about}: ${fault}`, () => {
    assert.throws(
      () => decodeDelivery(packr.pack(message)),
      (error) => error instanceof WireError && error.fault === fault,
    );
  });
}

const IMPOSSIBLE: readonly (readonly [about: string, message: unknown])[] = [
  ["volts that are not a number", withReading({ sample: { volts: Number.NaN, cycles: 4 } })],
  ["volts without end", withReading({ sample: { volts: Number.POSITIVE_INFINITY, cycles: 4 } })],
  ["volts that would print an exponent", withReading({ sample: { volts: 1e21, cycles: 4 } })],
  ["an int in fractions", withReading({ sample: { cycles: 4, cell1: 4.5 } })],
  ["an int beyond 2^53", withReading({ sample: { cycles: 4, cell1: 2n ** 60n } })],
  ["a float of a row that is not a number", withRows("volts,cycles", [1, AT, Number.NaN, 4])],
  ["a float of a row that would print an exponent", withRows("cycles,volts", [1, AT, 4, -1e21])],
  ["an int of a row in fractions", withRows("cycles,cell1", [1, AT, 4, 4.5])],
];
for (const [about, message] of IMPOSSIBLE) {
  test(`takes a reading without ${about}`, () => {
    const [row, ...others] = decodeDelivery(packr.pack(message)).readings;
    assert.deepEqual([row?.columns.header, row?.values, others], ["cycles", [4], []]);
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

for (const [about, changed] of [
  ["a reason that is not known", { refused: "mood" }],
  ["a host that is not a name", { host: "\u001b[2J" }],
  ["no host", { host: undefined }],
  ["an owner that is not a text", { owner: 1 }],
  ["no run", { run: undefined }],
] as const) {
  test(`rejects a refusal with ${about}`, () => {
    const refusal = { v: 2, t: "ack", run: ORIGIN.run, refused: "owner", host: "shed", owner: "local", ...changed };
    assert.throws(
      () => decodeReply(packr.pack(refusal)),
      (error) => error instanceof WireError && error.fault === "field",
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
