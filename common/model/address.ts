/** A Bluetooth device address as this project writes it: six upper-case pairs joined by colons, `A4:C1:37:00:00:01`. */
export type Address = string;

/** Whether an address is fixed by the maker (public) or chosen by the device (random). */
export type AddressType = "public" | "random";

/** The address in our spelling, from colons, dashes or nothing between the pairs; undefined where it is no address. */
export function parseAddress(text: string): Address | undefined {
  const pairs = /^([0-9a-f]{2})([:-]?)([0-9a-f]{2})(?:\2[0-9a-f]{2}){4}$/i.test(text);
  if (!pairs) return undefined;
  return (text.replace(/[:-]/g, "").toUpperCase().match(/../g) as string[]).join(":");
}

/** The six bytes of an address in the order in which it is written. */
export function addressBytes(address: Address): Uint8Array {
  return Uint8Array.from(address.split(":"), (pair) => Number.parseInt(pair, 16));
}
