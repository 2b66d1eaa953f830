import type { Advertisement } from "../../agent/radio/radio.ts";

/** What a device says on the air: nothing of itself but what is given. */
export function advertisementOf(address: string, more: Partial<Advertisement> = {}): Advertisement {
  return { address, addressType: "public", name: "", rssi: -60, services: [], manufacturerData: new Map(), ...more };
}
