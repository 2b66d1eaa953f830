import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { curveKeyPair } from "zeromq";
import { parseHostKey } from "../../../../common/hosts/host-key.ts";
import { fingerprint, formatPublicKey, parsePublicKey } from "../../../../common/hosts/public-key.ts";
import { sharedSecret, x25519Pair } from "../../../../common/hosts/x25519.ts";
import { decodeZ85, encodeZ85 } from "../../../../common/hosts/z85.ts";

test("Z85 of the example in ZeroMQ RFC 32", () => {
  const bytes = Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b);
  assert.equal(encodeZ85(bytes), "HelloWorld");
  assert.deepEqual(decodeZ85("HelloWorld"), bytes);
});

test("Z85 round trip", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const whole = bytes.subarray(0, bytes.length - (bytes.length % 4));
      assert.deepEqual(decodeZ85(encodeZ85(whole)), Uint8Array.from(whole));
    }),
  );
  assert.throws(() => encodeZ85(Uint8Array.of(1)), RangeError);
});

for (const text of ["Hell", "Hello World", "Hell~", "#####", "%nSc1"]) {
  test(`${JSON.stringify(text)} is not Z85`, () => assert.equal(decodeZ85(text), undefined));
}

test("keys are those of ZeroMQ: the public key follows from the secret one", () => {
  const { publicKey, secretKey } = curveKeyPair();
  assert.deepEqual(parseHostKey(`${secretKey}\n`), { publicKey, secretKey });
});

test("two hosts share one secret, whoever made their keys; a third host has another", () => {
  const shed = curveKeyPair();
  const house = x25519Pair();
  const secret = sharedSecret(shed.secretKey, house.publicKey);
  assert.equal(secret?.length, 32);
  assert.deepEqual(sharedSecret(house.secretKey, shed.publicKey), secret);
  assert.notDeepEqual(sharedSecret(x25519Pair().secretKey, shed.publicKey), secret);
});

test("a public key that shares nothing with anybody", () => {
  assert.equal(sharedSecret(x25519Pair().secretKey, encodeZ85(new Uint8Array(32))), undefined);
});

test("public keys are written in hexadecimal digits", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const key = encodeZ85(bytes);
      assert.match(formatPublicKey(key), /^[0-9a-f]{64}$/);
      assert.equal(parsePublicKey(formatPublicKey(key)), key);
      assert.equal(parsePublicKey(formatPublicKey(key).toUpperCase()), key);
    }),
  );
});

test("a secret key, a cut key and nothing are not public keys", () => {
  const { publicKey, secretKey } = x25519Pair();
  for (const text of [secretKey, publicKey, formatPublicKey(publicKey).slice(1), "", `${formatPublicKey(publicKey)}0`])
    assert.equal(parsePublicKey(text), undefined);
});

test("each key has its own fingerprint", () => {
  const { publicKey } = x25519Pair();
  assert.match(fingerprint(publicKey), /^[0-9a-f]{16}$/);
  assert.notEqual(fingerprint(publicKey), fingerprint(x25519Pair().publicKey));
});
