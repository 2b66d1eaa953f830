import { normaliseUuid } from "../../../../agent/radio/radio.ts";
import type { GattProperty, GattService } from "../../../../simulator/peripheral.ts";
import { uuidBytes } from "./advertising-data.ts";
import { u16 } from "./hci-packets.ts";

/** One row of an attribute table. Its handle is its index plus 1. */
export type Attribute =
  | { readonly kind: "fixed"; readonly uuid: string; readonly value: readonly number[] }
  | { readonly kind: "value"; readonly uuid: string; readonly properties: readonly GattProperty[] }
  | { readonly kind: "configuration"; readonly uuid: typeof CLIENT_CONFIGURATION; readonly characteristic: string };

/** Attribute types of GATT (Bluetooth Core Specification 5.0, volume 3, part G, 3). */
export const PRIMARY_SERVICE = "2800";
const CHARACTERISTIC = "2803";
const CLIENT_CONFIGURATION = "2902";
const GENERIC_ACCESS = "1800";
const GENERIC_ATTRIBUTE = "1801";
const DEVICE_NAME = "2a00";

const PROPERTY_BITS: Readonly<Record<GattProperty, number>> = {
  read: 0x02,
  writeWithoutResponse: 0x04,
  write: 0x08,
  notify: 0x10,
};

/** The attributes of a device: the two generic services, then its own. */
export function gattTable(name: string, services: readonly GattService[]): Attribute[] {
  const table: Attribute[] = [];
  const fixed = (uuid: string, value: readonly number[]) => table.push({ kind: "fixed", uuid, value });
  const declare = (uuid: string, properties: readonly GattProperty[]) => {
    const bits = properties.reduce((sum, property) => sum | PROPERTY_BITS[property], 0);
    const valueHandle = table.length + 2;
    fixed(CHARACTERISTIC, [bits, ...u16(valueHandle), ...uuidBytes(uuid)]);
  };

  fixed(PRIMARY_SERVICE, uuidBytes(GENERIC_ACCESS));
  declare(DEVICE_NAME, ["read"]);
  fixed(DEVICE_NAME, [...Buffer.from(name)]);
  fixed(PRIMARY_SERVICE, uuidBytes(GENERIC_ATTRIBUTE));
  for (const service of services) {
    fixed(PRIMARY_SERVICE, uuidBytes(service.uuid));
    for (const { uuid, properties } of service.characteristics) {
      declare(uuid, properties);
      table.push({ kind: "value", uuid, properties });
      if (properties.includes("notify"))
        table.push({ kind: "configuration", uuid: CLIENT_CONFIGURATION, characteristic: uuid });
    }
  }
  return table;
}

/** The last handle of the service that begins at `handle`. */
export function groupEnd(table: readonly Attribute[], handle: number): number {
  const next = table.findIndex((attribute, index) => index >= handle && attribute.uuid === PRIMARY_SERVICE);
  return next < 0 ? table.length : next;
}

/** Decodes the UUID of a request. */
export function uuidFromBytes(bytes: Uint8Array): string {
  return normaliseUuid(Buffer.from(bytes).reverse().toString("hex"));
}
