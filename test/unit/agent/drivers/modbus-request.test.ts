import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAnswer, encodeException } from "../../../../agent/codec/modbus.ts";
import { registerRequest } from "../../../../agent/drivers/modbus-request.ts";

const asHex = (data: Uint8Array) => Buffer.from(data).toString("hex");

test("a register request reads the data of its answer", () => {
  const request = registerRequest({ unit: 1, start: 1, count: 1 }, asHex);
  assert.equal(asHex(request.bytes), "010300010001d5ca");
  assert.ok(request.matches(encodeAnswer(1, Uint8Array.of(5, 0x46))));
  assert.ok(!request.matches(encodeAnswer(1, Uint8Array.of(5, 0x46, 0, 0))), "the answer to another request");
  assert.equal(request.read(encodeAnswer(1, Uint8Array.of(5, 0x46))), "0546");
  assert.throws(() => request.read(encodeException(1, 2)), { fault: "refused" });
});

test("a register request may be answered by another unit, and with other counts", () => {
  const request = registerRequest({ unit: 0x81, answerUnit: 0x51, answerCounts: [1, 2], start: 0, count: 1 }, asHex);
  assert.equal(request.bytes[0], 0x81);
  assert.ok(request.framing.starts(Uint8Array.of(0x51, 3)));
  assert.ok(!request.framing.starts(Uint8Array.of(0x81, 3)));
  assert.ok(request.matches(encodeAnswer(0x51, new Uint8Array(2))));
  assert.ok(request.matches(encodeAnswer(0x51, new Uint8Array(4))));
  assert.ok(!request.matches(encodeAnswer(0x51, new Uint8Array(6))));
});
