import { type Address, parseAddress } from "../../../common/model/address.ts";
import { RadioError } from "../radio.ts";

/** The address in noble's id of a device. @throws {RadioError} for an id that is not an address */
export function addressOf(id: string): Address {
  const address = parseAddress(id);
  if (!address) throw new RadioError("unsupported", `this radio identifies devices otherwise than by address: ${id}`);
  return address;
}

/** The same string for an address and for noble's ids of that device, in any spelling. */
export function deviceKey(addressOrId: string): string {
  return addressOrId.replaceAll(":", "").toLowerCase();
}
