import { type Address, addressBytes } from "../../../common/model/address.ts";
import type { Framing } from "../../codec/assembler.ts";
import { hasSoundCrc, withCrc } from "../../codec/modbus.ts";

/**
 * Records of the modules "BW02": an answer of Modbus behind the head of the module. Big endian, two generations:
 *
 *     v1   A1|A2 00 00 00 65 00 00 00 00 00 18   01 03 length  data…  crc crc
 *     v2   address (6 bytes)  A1|A2 00 00        08 03 length  data…  crc crc
 *
 * A1 is the pack, A2 its cells. The checksum is that of Modbus, over all bytes before it.
 */
export type RecordKind = "pack" | "cells";
export type Generation = "v1" | "v2";

/** Byte that announces a kind, and the length of its data. */
const KINDS = { pack: [0xa1, 0x44], cells: [0xa2, 0x56] } as const satisfies Record<RecordKind, readonly number[]>;
const CRC = 2;
/** A byte of the head whose meaning is not known. */
const ANY = undefined;

/** The form of one kind of record. */
export interface RecordForm {
  readonly kind: RecordKind;
  readonly generation: Generation;
  /** All bytes before the data. */
  readonly head: readonly (number | undefined)[];
  /** Of the whole record. */
  readonly size: number;
}

/** The forms of the records that the device with this address sends. */
export function recordForms(address: Address): readonly RecordForm[] {
  return (["pack", "cells"] as const).flatMap((kind) => {
    const [byte, length] = KINDS[kind];
    const heads = {
      v1: [byte, 0, 0, 0, ANY, ANY, ANY, ANY, ANY, ANY, ANY, 0x01, 0x03, length],
      v2: [...addressBytes(address), byte, 0, 0, 0x08, 0x03, length],
    } as const satisfies Record<Generation, readonly (number | undefined)[]>;
    return (["v1", "v2"] as const).map((generation) => {
      const head = heads[generation];
      return { kind, generation, head, size: head.length + length + CRC };
    });
  });
}

/** The framing of records in some forms. */
export function recordFraming(forms: readonly RecordForm[]): Framing {
  return {
    starts: (bytes) => formsOf(forms, bytes).length > 0,
    size(bytes) {
      const [form, another] = formsOf(forms, bytes);
      return another ? undefined : form?.size;
    },
    fault: (record) => (hasSoundCrc(record) ? undefined : "checksum"),
  };
}

/** The forms that a record, or its beginning, may have. */
export function formsOf(forms: readonly RecordForm[], bytes: Uint8Array): readonly RecordForm[] {
  return forms.filter(({ head }) => head.every((byte, i) => byte === ANY || i >= bytes.length || bytes[i] === byte));
}

export function recordData({ head }: RecordForm, record: Uint8Array): Uint8Array {
  return record.slice(head.length, -CRC);
}

/** The record that holds these data. Bytes of the head whose meaning is not known are as in recordings of v1. */
export function encodeRecord({ head }: RecordForm, data: Uint8Array): Uint8Array {
  return withCrc(Uint8Array.of(...head.map((byte, i) => byte ?? UNKNOWN_BYTES.get(i) ?? 0), ...data));
}

const UNKNOWN_BYTES: ReadonlyMap<number, number> = new Map([
  [4, 0x65],
  [10, 0x18],
]);
