/** A Bluetooth device address as this project writes it: six upper-case pairs joined by colons, `A4:C1:37:00:00:01`. */
export type Address = string;

/** Public addresses are assigned by the manufacturer, random ones are chosen by the device. */
export type AddressType = "public" | "random";

/** Parses an address with colons, dashes or nothing between the pairs. Undefined if it is not an address. */
export function parseAddress(text: string): Address | undefined {
  const pairs = /^([0-9a-f]{2})([:-]?)([0-9a-f]{2})(?:\2[0-9a-f]{2}){4}$/i.test(text);
  if (!pairs) return undefined;
  return (text.replace(/[:-]/g, "").toUpperCase().match(/../g) as string[]).join(":");
}

/** The six bytes of an address in the order in which it is written. */
export function addressBytes(address: Address): Uint8Array {
  return Uint8Array.from(address.split(":"), (pair) => Number.parseInt(pair, 16));
}
