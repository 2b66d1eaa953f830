import assert from "node:assert/strict";
import { test } from "node:test";
import { aes128Ctr } from "../../../../agent/codec/aes-ctr.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

test("AES-128 in counter mode as in NIST SP 800-38A, F.5.1; it is its own inverse", () => {
  const key = bytes("2b7e151628aed2a6abf7158809cf4f3c");
  const counter = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const plain = bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const encrypted = bytes("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  assert.deepEqual(aes128Ctr(key, counter, plain), encrypted);
  assert.deepEqual(aes128Ctr(key, counter, encrypted), plain);
  assert.deepEqual(aes128Ctr(key, counter, encrypted.subarray(0, 5)), plain.subarray(0, 5));
});
