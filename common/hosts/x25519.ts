import type { KeyObject } from "node:crypto";
import { keyBytes, type PublicKey } from "./public-key.ts";
import { encodeZ85 } from "./z85.ts";

/** Keys and shared secrets of CURVE, which uses X25519 (RFC 7748). Node's crypto is loaded when it is first needed. */

/** Of a secret key in PKCS #8 and of a public key in SubjectPublicKeyInfo (RFC 8410): what stands before the 32 bytes. */
const SECRET_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

interface Pair {
  readonly publicKey: PublicKey;
  readonly secretKey: string;
}

/** A new pair of keys, in Z85. */
export function x25519Pair(): Pair {
  return x25519PairOf(crypto().randomBytes(32));
}

/** The pair of a secret key of 32 bytes, in Z85. */
export function x25519PairOf(secret: Uint8Array): Pair {
  const spki = crypto().createPublicKey(secretObject(secret)).export({ type: "spki", format: "der" });
  return { secretKey: encodeZ85(secret), publicKey: encodeZ85(spki.subarray(PUBLIC_PREFIX.length)) };
}

/** The secret that two hosts share, from the secret key of one and the public key of the other. Undefined for a key that shares none. */
export function sharedSecret(secretKey: string, publicKey: PublicKey): Uint8Array | undefined {
  const { createPublicKey, diffieHellman } = crypto();
  const other = createPublicKey({
    key: Buffer.concat([PUBLIC_PREFIX, keyBytes(publicKey)]),
    format: "der",
    type: "spki",
  });
  try {
    return diffieHellman({ privateKey: secretObject(keyBytes(secretKey)), publicKey: other });
  } catch {
    // The key is one of the few points whose product is zero with every secret.
    return undefined;
  }
}

function secretObject(secret: Uint8Array): KeyObject {
  return crypto().createPrivateKey({ key: Buffer.concat([SECRET_PREFIX, secret]), format: "der", type: "pkcs8" });
}

function crypto() {
  return process.getBuiltinModule("node:crypto");
}
