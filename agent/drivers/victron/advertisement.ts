import { aes128Ctr } from "../../codec/aes-ctr.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, writeLayout } from "../../codec/layout.ts";

/**
 * A product advertisement, little endian: the payload of company 0x02E1.
 *
 *     0    1    2-3     4       5-6     7               8 …
 *     10   any  model   record  number  first key byte  record, encrypted by AES-128 in counter mode
 *
 * The number of the record is the beginning of the counter, whose other bytes are zero. There is no checksum. Source: the
 * maker's "Extra manufacturer data" of 2022-12-14.
 */
export const VICTRON = 0x02e1;
const PRODUCT_ADVERTISEMENT = 0x10;

const HEADER = [
  { name: "kind", at: 0, raw: "u8" },
  { name: "model", at: 2, raw: "u16le" },
  { name: "record", at: 4, raw: "u8" },
  { name: "number", at: 5, raw: "u16le" },
  { name: "keyByte", at: 7, raw: "u8" },
] as const satisfies readonly Row[];
const HEADER_SIZE = layoutSize(HEADER);
const KEY_SIZE = 16;

export interface ProductAdvertisement {
  readonly model: number;
  /** Type of the record. */
  readonly record: number;
  /** Of the record: another for each. */
  readonly number: number;
  /** First byte of the key that it was encrypted with. */
  readonly keyByte: number;
  readonly encrypted: Uint8Array;
}

/** Undefined for another record of the maker. @throws {FrameError} truncated */
export function parseAdvertisement(payload: Uint8Array): ProductAdvertisement | undefined {
  if (payload[0] !== PRODUCT_ADVERTISEMENT) return undefined;
  if (payload.length <= HEADER_SIZE) {
    throw new FrameError("truncated", `the advertisement holds ${payload.length} bytes, and no record`);
  }
  const { model, record, number, keyByte } = readLayout(HEADER, payload);
  return { model, record, number, keyByte, encrypted: payload.subarray(HEADER_SIZE) };
}

const WHERE = "VictronConnect shows it under the device's settings, Product info, Instant readout, Encryption data";

/** The key as its owner enters it: 32 hexadecimal digits, with or without blanks. @throws {FrameError} locked */
export function parseKey(pin: string | undefined): Uint8Array {
  const digits = (pin ?? "").replace(/\s/g, "");
  if (digits === "") {
    throw new FrameError("locked", `its values are encrypted: give the device's key with --pin-file; ${WHERE}`);
  }
  if (/^[0-9a-f]{31}$/i.test(digits)) {
    const remedy =
      "copy it again from VictronConnect, which sometimes leaves a digit out, or change the device's PIN there";
    throw new FrameError("locked", `the key has 31 digits instead of 32: ${remedy}`);
  }
  if (!/^[0-9a-f]{32}$/i.test(digits)) {
    throw new FrameError("locked", `the key is not 32 hexadecimal digits: copy it again; ${WHERE}`);
  }
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** @throws {FrameError} locked */
export function decryptRecord({ keyByte, number, encrypted }: ProductAdvertisement, key: Uint8Array): Uint8Array {
  if (key[0] !== keyByte) {
    const remedy = `copy its key again, which a new PIN changes; ${WHERE}`;
    throw new FrameError("locked", `the record is encrypted with another key than the given: ${remedy}`);
  }
  return aes128Ctr(key, counterOf(number), encrypted);
}

/** The inverse: a payload of the company. */
export function encodeAdvertisement(
  header: Pick<ProductAdvertisement, "model" | "record" | "number">,
  plain: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  const written = writeLayout(HEADER, { ...header, kind: PRODUCT_ADVERTISEMENT, keyByte: key[0] ?? 0 });
  return Uint8Array.from([...written, ...aes128Ctr(key, counterOf(header.number), plain)]);
}

function counterOf(number: number): Uint8Array {
  const counter = new Uint8Array(KEY_SIZE);
  new DataView(counter.buffer).setUint16(0, number, true);
  return counter;
}
