import type { Driver, DriverSettings } from "../drivers/driver.ts";
import { matchingDrivers } from "../drivers/recognise.ts";
import type { Poll } from "../polling/poll-loop.ts";
import { createRecordCollector, type ListeningDriver, type RecordCollector } from "../polling/record-collector.ts";
import type { Advertisement } from "../radio/radio.ts";
import type { AdvertiseRecord } from "./record.ts";
import { fromHex } from "./replay-radio.ts";

/**
 * Runs recorded advertisements through their drivers. Yields one poll for each that carries a new record; those of devices
 * that no driver knows are passed over.
 */
export function* replayAdvertisements(
  records: readonly AdvertiseRecord[],
  drivers: readonly Driver[],
  settings: DriverSettings,
): Generator<Poll, void> {
  const devices = new Map<string, { readonly driver: string; readonly collector: RecordCollector }>();
  for (const record of records) {
    const advertisement = advertisementOf(record);
    const driver = listeningDriver(drivers, advertisement);
    if (!driver) continue;
    const device = devices.get(record.address) ?? {
      driver: driver.name,
      collector: createRecordCollector(driver, settings),
    };
    devices.set(record.address, device);
    device.collector.add(advertisement, record.at);
    const { newest, error } = device.collector.take();
    const attempt = { links: 1, driver: device.driver };
    if (newest) {
      const { sample, atMs, rssi } = newest;
      yield { kind: "answer", ...attempt, sample, answeredAtMs: atMs, latencyMs: undefined, rssi };
    } else if (error) yield { kind: "bad-answer", ...attempt, error };
  }
}

/** A single driver is used without asking whether it matches. */
function listeningDriver(drivers: readonly Driver[], advertisement: Advertisement): ListeningDriver | undefined {
  const [only, ...others] = drivers;
  const driver = others.length === 0 ? only : matchingDrivers(drivers, advertisement)[0]?.driver;
  return driver?.decodeAdvertisement && (driver as ListeningDriver);
}

function advertisementOf({ address, name, services, manufacturerData, rssi }: AdvertiseRecord): Advertisement {
  const payloads = Object.entries(manufacturerData).map(
    ([company, hex]) => [Number.parseInt(company, 16), fromHex(hex)] as const,
  );
  return { address, addressType: "random", name, rssi, services, manufacturerData: new Map(payloads) };
}
