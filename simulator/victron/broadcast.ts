import { type Row, writeLayout } from "../../agent/codec/layout.ts";
import { encodeAdvertisement } from "../../agent/drivers/victron/advertisement.ts";
import { RECORDS, rowsOf } from "../../agent/drivers/victron/records.ts";
import type { Address } from "../../common/model/address.ts";

/** Longest record. */
const MOST_BYTES = 16;

/** The key of a simulated device: the digits of its address, three times, cut to 32. */
export function keyOf(address: Address): string {
  return address.replaceAll(":", "").toLowerCase().repeat(3).slice(0, 32);
}

/** A record of this type; fields that are undefined are "not available". */
export function encodeRecord(type: number, fields: Readonly<Record<string, number | undefined>>): Uint8Array {
  const kind = RECORDS.get(type);
  if (!kind) throw new RangeError(`no record ${type}`);
  const rows = rowsOf(kind, fields.mode ?? -1, MOST_BYTES);
  const bytes = writeLayout(rows, fields as Readonly<Record<string, number>>);
  const usedBits = Math.max(...rows.map(lastBit)) % 8;
  // Unused bits at the end are ones.
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | ((0xff << (usedBits + 1)) & 0xff);
  return bytes;
}

const lastBit = ({ at, bits: [, high] = [0, 7] }: Row) => 8 * at + high;

/** The payload of a device's manufacturer data. */
export function encodePayload(
  header: Parameters<typeof encodeAdvertisement>[0],
  plain: Uint8Array,
  key: string,
): Uint8Array {
  return encodeAdvertisement(header, plain, Uint8Array.from(Buffer.from(key, "hex")));
}
