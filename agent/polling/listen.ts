import type { Sample } from "../../common/model/reading.ts";
import { orAborted } from "../../common/runtime/abort.ts";
import { withDeadline } from "../../common/runtime/clock.ts";
import { scanDuring } from "../drivers/discovery.ts";
import type { Driver } from "../drivers/driver.ts";
import { RadioError } from "../radio/radio.ts";
import type { ConnectDeps, DeviceConnection, Target } from "./device-connection.ts";

export type ListeningDriver = Driver & Required<Pick<Driver, "decodeAdvertisement">>;

/** True of a driver whose devices are never connected to. */
export function onlyListens(driver: Driver | undefined): driver is ListeningDriver {
  return driver?.decodeAdvertisement !== undefined && driver.open === undefined;
}

/** Longer than the advertising interval of any monitor. It bounds one poll, so that others can use the adapter. */
const LISTEN_MS = 15_000;
/** For a scan that does not end when it should. */
const DEADLINE_MS = 20_000;

interface Received {
  readonly sample: Sample;
  readonly rssi: number | undefined;
}

/**
 * A device that broadcasts its values, as a connection: it stands once an advertisement with values was received, and
 * each poll waits for the next one. The adapter scans during polls only.
 * @throws {RadioError} `not-found` when no advertisement with values arrives in time
 * @throws {FrameError} what the driver makes of the advertisement
 */
export async function listenToDevice(
  target: Target,
  driver: ListeningDriver,
  deps: ConnectDeps,
  stop: AbortSignal,
): Promise<DeviceConnection> {
  const { address } = target;
  let rssi: number | undefined;
  let first: Received | undefined = await receive(target, driver, deps, stop);
  return {
    driver,
    alternatives: [],
    link: {
      address,
      get rssi() {
        return rssi;
      },
      lost: new AbortController().signal,
    },
    async poll() {
      const received = first ?? (await receive(target, driver, deps, stop));
      first = undefined;
      rssi = received.rssi;
      return received.sample;
    },
    describe: async () => ({}),
    close: async () => {},
  };
}

/** The next advertisement of the device that carries values. */
function receive(
  { address, settings }: Target,
  driver: ListeningDriver,
  deps: ConnectDeps,
  stop: AbortSignal,
): Promise<Received> {
  let isHeard = false;
  async function next(): Promise<Received> {
    for await (const advertisement of scanDuring(LISTEN_MS, deps, stop)) {
      if (advertisement.address !== address) continue;
      isHeard = true;
      const sample = driver.decodeAdvertisement(advertisement, settings);
      if (sample) return { sample, rssi: advertisement.rssi };
    }
    stop.throwIfAborted();
    throw notReceived();
  }
  const notReceived = () => {
    const what = isHeard
      ? "advertises, but without values: switch its broadcast on in the maker's app"
      : `was not found in ${LISTEN_MS / 1000} s: switch it on, or come closer`;
    return new RadioError("not-found", `${address} ${what}`);
  };
  return orAborted(stop, withDeadline(deps.clock, DEADLINE_MS, next(), notReceived));
}
