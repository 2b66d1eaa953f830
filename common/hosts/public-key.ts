import { decodeZ85, encodeZ85 } from "./z85.ts";

/**
 * A public key for CURVE, 32 bytes. Programs hold it as ZeroMQ takes it, in Z85 (40 characters). Files, options and pairing
 * lines have 64 hexadecimal digits, which no shell, environment file or terminal changes.
 */
export type PublicKey = string;

const KEY_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/i;
/** Hexadecimal digits of a fingerprint. */
const FINGERPRINT_LENGTH = 16;

/** The rule of `parsePublicKey`, for error messages. */
export const PUBLIC_KEY_RULE = "64 hexadecimal digits";

export function parsePublicKey(text: string): PublicKey | undefined {
  return HEX.test(text) ? encodeZ85(Buffer.from(text, "hex")) : undefined;
}

/** The key in hexadecimal digits. */
export function formatPublicKey(key: PublicKey): string {
  return Buffer.from(keyBytes(key)).toString("hex");
}

/** A short name of a key for people, who compare it with that of the other host. */
export function fingerprint(key: PublicKey): string {
  return Buffer.from(keyDigest(key)).toString("hex").slice(0, FINGERPRINT_LENGTH);
}

/** SHA-256 of the key. */
export function keyDigest(key: PublicKey): Uint8Array {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(keyBytes(key)).digest();
}

/** The bytes of a key in Z85. @throws {RangeError} if it is not a key */
export function keyBytes(key: string): Uint8Array {
  const bytes = decodeZ85(key);
  if (bytes?.length !== KEY_BYTES) throw new RangeError("not a key of 32 bytes in Z85");
  return bytes;
}
