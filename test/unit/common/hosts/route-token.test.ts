import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { curveKeyPair } from "zeromq";
import { makeRouteToken, verifyRouteToken } from "../../../../common/hosts/route-token.ts";
import { encodeZ85 } from "../../../../common/hosts/z85.ts";

const HOUSE = curveKeyPair();
const SHED = curveKeyPair();
const BARN = curveKeyPair();
const KNOWN = [
  { name: "barn", publicKey: BARN.publicKey },
  { name: "shed", publicKey: SHED.publicKey },
];
const verify = (token: string | Uint8Array, hosts = KNOWN) => verifyRouteToken(Buffer.from(token), HOUSE, hosts)?.name;

test("a token proves the host that made it", () => {
  assert.equal(verify(makeRouteToken(SHED, HOUSE.publicKey)), "shed");
  assert.equal(verify(makeRouteToken(BARN, HOUSE.publicKey)), "barn");
});

test("a token has 55 characters, and each is another", () => {
  const token = makeRouteToken(SHED, HOUSE.publicKey);
  assert.match(token, /^1[A-Za-z0-9_-]{54}$/);
  assert.notEqual(makeRouteToken(SHED, HOUSE.publicKey), token);
});

test("a token of an unknown host, for another aggregator, or with another host's public key proves nothing", () => {
  assert.equal(verify(makeRouteToken(curveKeyPair(), HOUSE.publicKey)), undefined);
  assert.equal(verify(makeRouteToken(SHED, curveKeyPair().publicKey)), undefined);
  assert.equal(verify(makeRouteToken(SHED, HOUSE.publicKey), [{ name: "barn", publicKey: BARN.publicKey }]), undefined);
  // A stolen secret of the barn makes no token of the shed.
  const forged = { publicKey: SHED.publicKey, secretKey: BARN.secretKey };
  assert.equal(verify(makeRouteToken(forged, HOUSE.publicKey)), undefined);
});

test("a token of which any bit is changed proves nothing", () => {
  const token = Buffer.from(makeRouteToken(SHED, HOUSE.publicKey).slice(1), "base64url");
  fc.assert(
    fc.property(fc.nat(token.length * 8 - 1), (bit) => {
      const changed = Buffer.from(token);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(verify(`1${changed.toString("base64url")}`), undefined);
    }),
  );
});

test("foreign bytes prove nothing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => assert.equal(verify(bytes), undefined)));
  const token = makeRouteToken(SHED, HOUSE.publicKey);
  for (const other of ["", `2${token.slice(1)}`, `${token}A`, `${token}\n`, token.slice(1)])
    assert.equal(verify(other), undefined);
});

test("a key that shares nothing makes no token", () => {
  assert.throws(() => makeRouteToken(SHED, encodeZ85(new Uint8Array(32))), RangeError);
});
