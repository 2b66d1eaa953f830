import type { HostKey } from "./host-key.ts";
import type { KnownHost } from "./known-hosts.ts";
import { keyBytes, keyDigest, type PublicKey } from "./public-key.ts";
import { sharedSecret } from "./x25519.ts";

/**
 * The routing id of an agent's socket over TCP, which proves the host to the aggregator. Nobody else can make it, and it
 * crosses the network encrypted only. As ZeroMQ for Node takes a text, the bytes are in base64url behind the version:
 *
 *     "1" ‖ base64url( nonce 16 ‖ first 8 bytes of SHA-256(public key) ‖ first 16 bytes of HMAC )
 *     HMAC = HMAC-SHA256(secret shared by both hosts, "bms route 1" ‖ nonce ‖ public key)
 */
const VERSION = "1";
const CONTEXT = "bms route 1";
const NONCE_BYTES = 16;
const DIGEST_BYTES = 8;
const PROOF_BYTES = 16;
const TOKEN = /^1[A-Za-z0-9_-]{54}$/;

/** A new routing id. @throws {RangeError} if the aggregator's key is not a usable one */
export function makeRouteToken(own: HostKey, aggregatorKey: PublicKey): string {
  const nonce = process.getBuiltinModule("node:crypto").randomBytes(NONCE_BYTES);
  const proof = proofOf(own.secretKey, aggregatorKey, nonce, own.publicKey);
  if (!proof) throw new RangeError("the aggregator's key is not a usable one");
  const bytes = Buffer.concat([nonce, digestOf(own.publicKey), proof]);
  return `${VERSION}${bytes.toString("base64url")}`;
}

/** The host whose agent made a routing id for the aggregator with the key `own`; undefined if no known host did. */
export function verifyRouteToken(route: Uint8Array, own: HostKey, hosts: Iterable<KnownHost>): KnownHost | undefined {
  const text = Buffer.from(route).toString("latin1");
  if (!TOKEN.test(text)) return undefined;
  const bytes = Buffer.from(text.slice(VERSION.length), "base64url");
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const digest = bytes.subarray(NONCE_BYTES, NONCE_BYTES + DIGEST_BYTES);
  const proof = bytes.subarray(NONCE_BYTES + DIGEST_BYTES);
  const { timingSafeEqual } = process.getBuiltinModule("node:crypto");
  for (const host of hosts) {
    if (!digest.equals(digestOf(host.publicKey))) continue;
    const expected = proofOf(own.secretKey, host.publicKey, nonce, host.publicKey);
    if (expected && timingSafeEqual(proof, expected)) return host;
  }
  return undefined;
}

function digestOf(key: PublicKey): Uint8Array {
  return keyDigest(key).subarray(0, DIGEST_BYTES);
}

/** The proof of the host with `provenKey`; both sides compute it, each with its own secret key and the other's key. */
function proofOf(
  secretKey: string,
  otherKey: PublicKey,
  nonce: Uint8Array,
  provenKey: PublicKey,
): Uint8Array | undefined {
  const secret = sharedSecret(secretKey, otherKey);
  if (!secret) return undefined;
  const { createHmac } = process.getBuiltinModule("node:crypto");
  const mac = createHmac("sha256", secret).update(CONTEXT).update(nonce).update(keyBytes(provenKey)).digest();
  return mac.subarray(0, PROOF_BYTES);
}
