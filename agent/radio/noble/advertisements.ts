import type { Peripheral } from "@abandonware/noble";
import { firstAborted } from "../../../common/runtime/abort.ts";
import { type Advertisement, normaliseUuid } from "../radio.ts";
import type { Bindings } from "./bindings.ts";
import { addressOf } from "./names.ts";
import type { Bite } from "./scanner.ts";

/** What `scan` hears, one advertisement after the other, until the signal aborts. @throws {RadioError} of the scan */
export async function* listen(
  signal: AbortSignal,
  bindings: Bindings,
  scan: Bite,
): AsyncGenerator<Advertisement, void, void> {
  const heard: Advertisement[] = [];
  let wake = () => {};
  const left = new AbortController();
  const until = firstAborted(signal, left.signal);
  let outcome: { readonly error: unknown } | undefined;
  const over = scan((peripheral) => {
    const advertisement = lastAdvertisement(bindings, peripheral);
    if (advertisement) heard.push(advertisement);
    wake();
    return false;
  }, until.signal).catch((error: unknown) => {
    outcome = { error };
    wake();
  });
  try {
    while (!signal.aborted) {
      const next = heard.shift();
      if (next) yield next;
      else if (outcome) throw outcome.error;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    left.abort();
    await over;
    until.release();
  }
}

/** noble's 127 means that there is none. */
export function heardRssi({ rssi }: Peripheral): number | undefined {
  return Number.isInteger(rssi) && rssi < 127 ? rssi : undefined;
}

/** The whole advertisement from bindings that keep it, else what noble kept of it; undefined where it was never heard. */
export function lastAdvertisement(bindings: Bindings, peripheral: Peripheral): Advertisement | undefined {
  const advertisement = bindings.advertisement
    ? bindings.advertisement(peripheral.id)
    : // noble makes up a peripheral for a device that connects before it was heard.
      peripheral.advertisement && advertisementOf(peripheral);
  // These bytes may end up on a terminal.
  return advertisement && { ...advertisement, name: advertisement.name.replace(/\p{Cc}/gu, "") };
}

function advertisementOf(peripheral: Peripheral): Advertisement {
  // noble leaves out what a device does not tell, whatever its types say.
  const { localName, serviceUuids, manufacturerData }: Partial<Peripheral["advertisement"]> = peripheral.advertisement;
  return {
    address: addressOf(peripheral.id),
    addressType: peripheral.addressType === "public" ? "public" : "random",
    name: localName ?? "",
    rssi: heardRssi(peripheral),
    services: (serviceUuids ?? []).map(normaliseUuid),
    manufacturerData: byCompany(manufacturerData),
  };
}

/** The company identifier stands in front of its payload, little-endian. */
function byCompany(data: Buffer | undefined): ReadonlyMap<number, Uint8Array> {
  if (!data || data.length < 2) return new Map();
  return new Map([[data.readUInt16LE(0), Uint8Array.from(data.subarray(2))]]);
}
