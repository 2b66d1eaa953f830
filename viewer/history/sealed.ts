import { crc32 } from "node:zlib";
import { BlockError } from "./columns.ts";

/** Blocks as they lie in the file: with a checksum of themselves and their place, because SQLite has none. */

/** Keys are slot * METERS + number of the meter, so that what is written in one minute lies in one place. */
export const METERS = 4096;
/** Keys of the table `state`, whose blocks are JSON. */
export const NAMES_KEY = 1;
export const METERS_KEY = 2;

const CHECKSUM_BYTES = 4;

export function seal(key: number, bytes: Uint8Array): Uint8Array {
  const sealed = Buffer.alloc(CHECKSUM_BYTES + bytes.length);
  sealed.writeUInt32BE(checksum(key, bytes));
  sealed.set(bytes, CHECKSUM_BYTES);
  return sealed;
}

/** Undefined where the checksum is wrong. */
export function unsealOrSkip(key: number, sealed: unknown): Uint8Array | undefined {
  if (!(sealed instanceof Uint8Array) || sealed.length < CHECKSUM_BYTES) return undefined;
  const bytes = sealed.subarray(CHECKSUM_BYTES);
  const expected = Buffer.from(sealed.buffer, sealed.byteOffset, CHECKSUM_BYTES).readUInt32BE();
  return expected === checksum(key, bytes) ? bytes : undefined;
}

/** @throws {BlockError} */
export function unseal(key: number, sealed: unknown): Uint8Array {
  const bytes = unsealOrSkip(key, sealed);
  if (!bytes) throw new BlockError("a checksum is wrong");
  return bytes;
}

export const toJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** Undefined for nothing. @throws {BlockError} */
export function fromJson<T>(bytes: Uint8Array | undefined): T | undefined {
  if (!bytes) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as T;
  } catch (cause) {
    throw new BlockError("not JSON", { cause });
  }
}

const checksum = (key: number, bytes: Uint8Array) => crc32(bytes, crc32(String(key)));
