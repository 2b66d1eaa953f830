import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAssembler } from "../../../../agent/codec/assembler.ts";
import {
  answerData,
  answerFraming,
  crc16,
  decodeReadRequest,
  encodeAnswer,
  encodeException,
  encodeReadRequest,
  hasSoundCrc,
  mayHoldData,
  withCrc,
} from "../../../../agent/codec/modbus.ts";
import { fc } from "../../../support/property.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const anyByte = fc.integer({ min: 0, max: 0xff });
const anyWord = fc.integer({ min: 0, max: 0xffff });

describe("the checksum", () => {
  test("is that of the published check value", () => {
    assert.equal(crc16(new TextEncoder().encode("123456789")), 0x4b37);
  });

  test("follows its bytes, low byte first", () => {
    assert.equal(hex(withCrc(bytes("010300000027"))), "01030000002705d0");
    assert.ok(hasSoundCrc(bytes("01030000002705d0")));
    assert.ok(!hasSoundCrc(bytes("010300000027d005")));
    assert.ok(!hasSoundCrc(bytes("ffff")), "nothing before it");
  });

  test("changes with each bit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (data, at) => {
        const frame = withCrc(data);
        const bit = at % (frame.length * 8);
        frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!hasSoundCrc(frame));
      }),
    );
  });
});

describe("a request", () => {
  test("is written as devices were recorded to take it", () => {
    assert.equal(hex(encodeReadRequest({ unit: 0x30, start: 0x13b2, count: 7 })), "300313b20007a48a");
  });

  test("is read as it was written", () => {
    fc.assert(
      fc.property(anyByte, anyWord, anyWord, (unit, start, count) => {
        const range = { unit, start, count };
        assert.deepEqual(decodeReadRequest(encodeReadRequest(range)), range);
      }),
    );
  });

  test("is none with another function, length or checksum", () => {
    for (const text of [
      "",
      "30",
      "300313b20007a48b",
      "300313b20007a4",
      withoutCrc("300613b20007"),
      withoutCrc("300313b207"),
    ])
      assert.equal(decodeReadRequest(bytes(text)), undefined, text);
  });
});

const withoutCrc = (text: string) => hex(withCrc(bytes(text)));

describe("an answer", () => {
  test("is found between stray bytes, in pieces of any size", () => {
    fc.assert(
      fc.property(anyByte, fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (unit, data, size) => {
        const frame = encodeAnswer(unit, data);
        const assembler = createAssembler(answerFraming(unit));
        const pieces = Array.from({ length: Math.ceil(frame.length / size) }, (_, i) =>
          frame.slice(i * size, (i + 1) * size),
        );
        const found = pieces.flatMap((piece) => assembler.push(piece));
        assert.deepEqual(
          found.filter(({ kind }) => kind === "frame").map((one) => hex(answerData(one.bytes))),
          [hex(data)],
        );
      }),
    );
  });

  test("of another unit or function does not begin one", () => {
    const framing = answerFraming(0x30);
    assert.ok(framing.starts(bytes("30")));
    assert.ok(framing.starts(bytes("3003")));
    assert.ok(framing.starts(bytes("3083")));
    assert.ok(!framing.starts(bytes("3103")));
    assert.ok(!framing.starts(bytes("3004")));
  });

  test("with data of another length is that of another request", () => {
    const frame = encodeAnswer(1, bytes("05460000"));
    assert.ok(mayHoldData(frame, [4]));
    assert.ok(mayHoldData(frame, [2, 4]));
    assert.ok(!mayHoldData(frame, [2]));
  });

  test("may be any other while it is incomplete or damaged", () => {
    const frame = encodeAnswer(1, bytes("05460000"));
    for (let length = 0; length < frame.length; length++) assert.ok(mayHoldData(frame.subarray(0, length), [2]));
    assert.ok(mayHoldData(Uint8Array.of(...frame.subarray(0, -1), 0), [2]));
  });

  test("of more than 255 bytes is refused", () => {
    assert.throws(() => encodeAnswer(1, new Uint8Array(256)), RangeError);
  });
});

describe("an exception", () => {
  test("as recorded ends the request", () => {
    assert.equal(hex(encodeException(0x30, 2)), "308302913e");
    assert.equal(answerFraming(0x30).size(bytes("3083")), 5);
    assert.ok(mayHoldData(bytes("308302913e"), [4]));
    assert.throws(() => answerData(bytes("308302913e")), {
      fault: "refused",
      message: "the device refused to read registers with exception 2: it does not have these registers",
    });
  });

  test("without a known meaning has its code", () => {
    assert.throws(() => answerData(encodeException(1, 0x55)), { message: /exception 85: an undocumented code/ });
  });
});
