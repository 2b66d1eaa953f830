import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bond, confirmValue, pairing, sessionKey } from "../../../system/lab/controller/pairing.ts";

/** Bytes as sent, from the notation of the specification, most significant first. */
const backwards = (hex: string) => Buffer.from(hex, "hex").reverse();

const HOST = { type: 0, bytes: Buffer.from("0100eebb0000", "hex").reverse() };
const DEVICE = { type: 0, bytes: Buffer.from("a4c137000001", "hex").reverse() };
const REQUEST = Buffer.from("01040005100707", "hex");
const PASSKEY = 123456;

test("the confirm value of the specification's sample data", () => {
  const confirm = confirmValue({
    key: Buffer.alloc(16),
    random: backwards("5783d52156ad6f0e6388274ec6702ee0"),
    request: backwards("07071000000101"),
    response: backwards("05000800000302"),
    initiator: { type: 1, bytes: backwards("a1a2a3a4a5a6") },
    responder: { type: 0, bytes: backwards("b1b2b3b4b5b6") },
  });
  assert.equal(confirm.reverse().toString("hex"), "1e1e3fef878988ead2a74dc5bef13b86");
});

test("the session key of the specification's sample data", () => {
  const key = sessionKey(
    Buffer.alloc(16),
    backwards("000f0e0d0c0b0a091122334455667788"),
    backwards("010203040506070899aabbccddeeff00"),
  );
  assert.equal(key.reverse().toString("hex"), "9a1fe1f0e8b0f49b5b4216ae796da062");
});

function begin(passkey: number | undefined) {
  const sent: Buffer[] = [];
  const bonds: Bond[] = [];
  const device = pairing({ passkey, host: HOST, device: DEVICE, bonds, send: (pdu) => sent.push(pdu) });
  return { device, sent, bonds };
}

/** A host that enters `typed`, up to the device's answer to its random number. */
function pairAs(typed: number) {
  const { device, sent, bonds } = begin(PASSKEY);
  device.receive(REQUEST);
  const response = sent[0] ?? Buffer.alloc(0);
  const key = Buffer.alloc(16);
  key.writeUInt32LE(typed);
  const random = Buffer.alloc(16, 5);
  const confirm = confirmValue({ key, random, request: REQUEST, response, initiator: HOST, responder: DEVICE });
  device.receive(Buffer.concat([Buffer.of(3), confirm]));
  device.receive(Buffer.concat([Buffer.of(4), random]));
  return { device, sent, bonds, key, random };
}

test("a host that knows the passkey gets an encrypted link and a bond", () => {
  const { device, sent, bonds, key, random } = pairAs(PASSKEY);
  const deviceRandom = sent[2]?.subarray(1) ?? Buffer.alloc(0);
  const none = [Buffer.alloc(2), Buffer.alloc(8)] as const;
  assert.ok(device.accepts(sessionKey(key, deviceRandom, random), ...none));
  assert.ok(!device.accepts(Buffer.alloc(16), ...none));
  device.encrypted();
  device.encrypted();
  const [bond] = bonds;
  assert.ok(bond && bonds.length === 1);
  assert.deepEqual(sent.slice(3), [
    Buffer.concat([Buffer.of(6), bond.key]),
    Buffer.concat([Buffer.of(7), bond.diversifier, bond.random]),
  ]);
  assert.ok(device.accepts(bond.key, bond.diversifier, bond.random));
  assert.ok(!device.accepts(bond.key, bond.diversifier, Buffer.alloc(8)));
});

test("a wrong passkey is refused", () => {
  const { sent } = pairAs(PASSKEY + 1);
  assert.deepEqual(sent.at(-1), Buffer.of(5, 4));
});

test("a device without a passkey does not pair", () => {
  const { device, sent } = begin(undefined);
  device.receive(REQUEST);
  device.receive(Buffer.of(5, 8));
  assert.deepEqual(sent, [Buffer.of(5, 5)]);
});

test("a confirm value without a request is refused", () => {
  const { device, sent } = begin(PASSKEY);
  device.receive(Buffer.concat([Buffer.of(3), Buffer.alloc(16)]));
  assert.deepEqual(sent, [Buffer.of(5, 5)]);
});
