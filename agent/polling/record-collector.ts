import type { Sample } from "../../common/model/reading.ts";
import { FrameError } from "../codec/frame-error.ts";
import type { Description } from "../drivers/device-session.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import type { Advertisement } from "../radio/radio.ts";

export type ListeningDriver = Driver & Required<Pick<Driver, "decodeAdvertisement">>;

/** The values of one advertisement. */
export interface Received {
  readonly sample: Sample;
  /** When it was received, ms of the monotonic clock. */
  readonly atMs: number;
  readonly rssi: number | undefined;
}

/** Records that have arrived since the last call of `take`. */
export interface Collected {
  /** The newest record with values. */
  readonly newest: Received | undefined;
  /** Of the latest record, where the driver refused that. */
  readonly error: FrameError | undefined;
  /** `values` where a record arrived that was taken before, `nothing` where no advertisement did. */
  readonly advertised: "values" | "no values" | "nothing";
}

/** Decodes the advertisements of one device and keeps the newest record. A record that comes again counts once. */
export interface RecordCollector {
  /** Returns true for a record with values that is new, and for one that only another password would open. */
  add(advertisement: Advertisement, atMs: number): boolean;
  take(): Collected;
  /** True while there is a record with values to be taken. */
  readonly hasValues: boolean;
  /** The facts that the latest advertisement shows. */
  describe(): Description;
}

const NOTHING: Collected = { newest: undefined, error: undefined, advertised: "nothing" };

export function createRecordCollector(driver: ListeningDriver, settings: DriverSettings): RecordCollector {
  let collected = NOTHING;
  let number: number | undefined;
  let description: Description = {};

  /** @throws {FrameError} */
  function read(advertisement: Advertisement, atMs: number): boolean {
    description = driver.describeAdvertisement?.(advertisement) ?? description;
    const arrived = driver.recordNumber?.(advertisement);
    const isRepeated = arrived !== undefined && arrived === number;
    if (isRepeated) {
      collected = { ...collected, advertised: "values" };
      return false;
    }
    number = arrived;
    const sample = driver.decodeAdvertisement(advertisement, settings);
    if (sample) {
      const newest = { sample, atMs, rssi: advertisement.rssi };
      collected = { newest, error: undefined, advertised: "values" };
    } else if (collected.advertised === "nothing") collected = { ...collected, advertised: "no values" };
    return sample !== undefined;
  }

  return {
    add(advertisement, atMs) {
      try {
        return read(advertisement, atMs);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        collected = { ...collected, error, advertised: "values" };
        return error.fault === "locked";
      }
    },
    take() {
      const taken = collected;
      collected = NOTHING;
      return taken;
    },
    get hasValues() {
      return collected.newest !== undefined;
    },
    describe: () => description,
  };
}
