import type { Advertisement } from "../../agent/radio/radio.ts";

/** An advertisement without any content but the given. */
export function advertisementOf(address: string, more: Partial<Advertisement> = {}): Advertisement {
  return { address, addressType: "public", name: "", rssi: -60, services: [], manufacturerData: new Map(), ...more };
}
