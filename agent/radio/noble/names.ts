import { type Address, parseAddress } from "../../../common/model/address.ts";
import { RadioError } from "../radio.ts";

/** How noble and its bindings spell what radio.ts spells otherwise. */

/** `a4c137000001` for `A4:C1:37:00:00:01`. */
export function nobleId(address: Address): string {
  return address.replaceAll(":", "").toLowerCase();
}

/** @throws {RadioError} of an id that is no address, as bindings of other systems have */
export function addressOf(id: string): Address {
  const address = parseAddress(id);
  if (!address) throw new RadioError("unsupported", `this radio names its devices otherwise than by address: ${id}`);
  return address;
}

/** 4 or 32 digits without dashes. */
export function nobleUuid(uuid: string): string {
  return uuid.replaceAll("-", "").toLowerCase();
}
