import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerSignal,
  CHANNEL,
  frameAssembler,
  frameToAcl,
  parameterUpdateRequest,
} from "../../../system/lab/controller/l2cap.ts";

test("a frame in several packets is reassembled", () => {
  const frame = { channel: CHANNEL.att, payload: Buffer.from(Array.from({ length: 100 }, (_, i) => i)) };
  for (const size of [1, 3, 27, 104, 200]) {
    const assemble = frameAssembler();
    const packets = frameToAcl(0x40, frame, size);
    assert.deepEqual(
      packets.map(({ first }) => first),
      packets.map((_, index) => index === 0),
    );
    const frames = packets.map(assemble);
    assert.deepEqual(frames.at(-1), frame);
    assert.ok(frames.slice(0, -1).every((early) => early === undefined));
  }
});

test("a new frame discards an incomplete one", () => {
  const assemble = frameAssembler();
  const [begun] = frameToAcl(0x40, { channel: CHANNEL.att, payload: Buffer.alloc(50) }, 27);
  const [whole] = frameToAcl(0x40, { channel: CHANNEL.att, payload: Buffer.of(1) }, 27);
  assert.ok(begun && whole);
  assert.equal(assemble(begun), undefined);
  assert.deepEqual(assemble(whole)?.payload, Buffer.of(1));
});

test("a pack's preferred parameters are encoded as captures of the vendor app show them", () => {
  const preferredParameters = { minIntervalMs: 15, maxIntervalMs: 18.75, latency: 99, supervisionTimeoutMs: 4000 };
  const { channel, payload } = parameterUpdateRequest(1, preferredParameters);
  assert.equal(channel, CHANNEL.signalling);
  assert.equal(payload.toString("hex"), "120108000c000f0063009001");
});

test("a request is rejected, a response is not answered", () => {
  assert.equal(answerSignal(Buffer.from("0a0702000200", "hex"))?.payload.toString("hex"), "010702000000");
  assert.equal(answerSignal(Buffer.from("130102000000", "hex")), undefined);
});
