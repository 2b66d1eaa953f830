import type { Peripheral } from "@abandonware/noble";
import { firstAborted } from "../../../common/runtime/abort.ts";
import { createAsyncQueue } from "../async-queue.ts";
import { type Advertisement, normaliseUuid } from "../radio.ts";
import type { Bindings } from "./bindings.ts";
import { addressOf } from "./names.ts";
import type { Scanner } from "./scanner.ts";

/** The advertisements that `scan` receives, until the signal aborts. @throws {RadioError} of the scan */
export function advertisements(
  signal: AbortSignal,
  bindings: Bindings,
  scan: Scanner,
): AsyncGenerator<Advertisement, void, void> {
  return received(signal, (receive, until) =>
    scan((peripheral) => {
      const advertisement = latestAdvertisement(bindings, peripheral);
      if (advertisement) receive(advertisement);
      return false;
    }, until),
  );
}

/** The values that `work` passes to `receive`, until the signal aborts or the caller stops iterating. @throws its error */
export async function* received<T>(
  signal: AbortSignal,
  work: (receive: (value: T) => void, until: AbortSignal) => Promise<unknown>,
): AsyncGenerator<T, void, void> {
  const queue = createAsyncQueue<T>();
  const left = new AbortController();
  const until = firstAborted(signal, left.signal);
  const ended = work(queue.push, until.signal).then(
    () => queue.end(),
    (error: unknown) => queue.end(signal.aborted ? undefined : error),
  );
  try {
    for await (const value of queue) {
      if (signal.aborted) return;
      yield value;
    }
  } finally {
    left.abort();
    await ended;
    until.release();
  }
}

/** The whole advertisement where the bindings keep it, else what noble has of it; undefined where none was received. */
export function latestAdvertisement(bindings: Bindings, peripheral: Peripheral): Advertisement | undefined {
  const advertisement = bindings.advertisement ? bindings.advertisement(peripheral.id) : advertisementOf(peripheral);
  return advertisement && cleaned(advertisement);
}

/** Some devices pad their name with NUL bytes. */
export function cleaned(advertisement: Advertisement): Advertisement {
  return { ...advertisement, name: advertisement.name.replace(/\p{Cc}/gu, "") };
}

function advertisementOf(peripheral: Peripheral): Advertisement | undefined {
  // noble leaves out what a device does not advertise, whatever its types say, and has nothing of one that connects
  // before it was received.
  const { advertisement }: Partial<Peripheral> = peripheral;
  if (!advertisement) return undefined;
  const { localName, serviceUuids, manufacturerData }: Partial<Peripheral["advertisement"]> = advertisement;
  return {
    address: addressOf(peripheral.id),
    addressType: peripheral.addressType === "public" ? "public" : "random",
    name: localName ?? "",
    rssi: knownRssi(peripheral),
    services: (serviceUuids ?? []).map(normaliseUuid),
    manufacturerData: byCompany(manufacturerData),
  };
}

/** noble uses 127 for an unknown signal strength. */
function knownRssi({ rssi }: Peripheral): number | undefined {
  return Number.isInteger(rssi) && rssi < 127 ? rssi : undefined;
}

/** The company identifier precedes its payload, little-endian. */
function byCompany(data: Buffer | undefined): ReadonlyMap<number, Uint8Array> {
  if (!data || data.length < 2) return new Map();
  return new Map([[data.readUInt16LE(0), Uint8Array.from(data.subarray(2))]]);
}
