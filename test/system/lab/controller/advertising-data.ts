import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { u16 } from "./hci-packets.ts";

/** Kinds of AD structures (Bluetooth Assigned Numbers, 2.3). */
const AD = {
  flags: 0x01,
  services16: 0x03,
  services128: 0x07,
  shortName: 0x08,
  name: 0x09,
  manufacturer: 0xff,
} as const;
const GENERAL_DISCOVERABLE_LE_ONLY = 0x06;
const ROOM = 31;

export interface AdvertisingData {
  readonly advertisement: number[];
  readonly scanResponse: number[];
}

/**
 * Encodes an advertisement as the two packets of legacy advertising, 31 bytes each: flags, services and manufacturer data
 * in the first one or where there is room, the name in the scan response. A name that is too long is shortened.
 */
export function encodeAdvertisement(advertisement: Advertisement): AdvertisingData {
  const packets: AdvertisingData = {
    advertisement: structure(AD.flags, [GENERAL_DISCOVERABLE_LE_ONLY]),
    scanResponse: [],
  };
  const place = (bytes: number[], order: readonly number[][]) => {
    order.find((packet) => packet.length + bytes.length <= ROOM)?.push(...bytes);
  };
  const short = advertisement.services.filter((uuid) => uuid.length === 4);
  const long = advertisement.services.filter((uuid) => uuid.length > 4);
  const first = [packets.advertisement, packets.scanResponse];
  if (short.length > 0) place(structure(AD.services16, short.flatMap(uuidBytes)), first);
  if (long.length > 0) place(structure(AD.services128, long.flatMap(uuidBytes)), first);
  for (const [company, payload] of advertisement.manufacturerData) {
    place(structure(AD.manufacturer, [...u16(company), ...payload]), first);
  }
  if (advertisement.name) {
    const name = [...Buffer.from(advertisement.name)];
    const room = ROOM - packets.scanResponse.length - 2;
    if (name.length <= room) packets.scanResponse.push(...structure(AD.name, name));
    else packets.scanResponse.push(...structure(AD.shortName, name.slice(0, room)));
  }
  return packets;
}

function structure(kind: number, data: readonly number[]): number[] {
  return [data.length + 1, kind, ...data];
}

/** A UUID, least significant byte first: 2 bytes for one of the Bluetooth SIG, otherwise 16. */
export function uuidBytes(uuid: string): number[] {
  return [...Buffer.from(uuid.replaceAll("-", ""), "hex").reverse()];
}
