import { firstAborted } from "../../common/runtime/abort.ts";
import type { Driver } from "../drivers/driver.ts";
import { RadioError } from "../radio/radio.ts";
import type { ConnectDeps, DeviceConnection, Target } from "./device-connection.ts";
import { type Collected, createRecordCollector, type ListeningDriver, type Received } from "./record-collector.ts";

/** True of a driver whose devices are never connected to. */
export function onlyListens(driver: Driver | undefined): driver is ListeningDriver {
  return driver?.decodeAdvertisement !== undefined && driver.open === undefined;
}

/** For the first record. Longer than the advertising interval of any monitor. */
const FIRST_MS = 15_000;
/** A poll waits for a new record if the last one was taken less than this before: a period may be short, or cut short. */
const SHORTEST_MS = 3_000;

/**
 * A device that broadcasts its values, as a connection: it stands once a record was received. From then on all
 * advertisements are received, and each poll returns the newest record since the last one, with its own time.
 * @throws {RadioError} `not-found` when no advertisement with values arrives in time
 * @throws {FrameError} what the driver makes of the advertisements
 */
export async function listenToDevice(
  { address, settings }: Target,
  driver: ListeningDriver,
  { radio, clock }: ConnectDeps,
  stop: AbortSignal,
): Promise<DeviceConnection> {
  const collector = createRecordCollector(driver, settings);
  const lost = new AbortController();
  const closed = new AbortController();
  const ended = firstAborted(stop, closed.signal);
  let arrived = new AbortController();
  /** Received before the first poll. */
  let pending: Received | undefined;
  let last: Received | undefined;
  let lastTakenMs = clock.monotonic();

  async function receive() {
    for await (const advertisement of radio.listen(address, ended.signal)) {
      if (collector.add(advertisement, clock.monotonic())) arrived.abort();
    }
    throw new RadioError("disconnected", `${address}: the radio no longer receives advertisements`);
  }
  const receiving = receive()
    .catch((error: unknown) => {
      if (!ended.signal.aborted) lost.abort(error);
    })
    .finally(ended.release);
  async function close() {
    closed.abort();
    await receiving;
  }
  /** The newest record since the last call. @throws {RadioError} {FrameError} */
  function take(): Received {
    const collected = collector.take();
    const silentMs = clock.monotonic() - lastTakenMs;
    lastTakenMs = clock.monotonic();
    const newest = collected.newest ?? pending;
    pending = undefined;
    if (!newest) throw collected.error ?? silence(address, silentMs, collected);
    return newest;
  }
  /** Waits for a new record, or one that is locked. Rejects with the reason of the loss, or of `stop`. */
  async function untilArrival(ms: number) {
    arrived = new AbortController();
    const over = firstAborted(stop, lost.signal, arrived.signal);
    await clock.sleep(ms, over.signal).catch(() => {});
    over.release();
    stop.throwIfAborted();
    lost.signal.throwIfAborted();
  }

  try {
    await untilArrival(FIRST_MS);
    pending = take();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    driver,
    alternatives: [],
    link: {
      address,
      get rssi() {
        return last?.rssi;
      },
      lost: lost.signal,
    },
    receivedAtMs: () => last?.atMs,
    async poll() {
      const missingMs = SHORTEST_MS - (clock.monotonic() - lastTakenMs);
      if (missingMs > 0 && !pending && !collector.hasValues) await untilArrival(missingMs);
      last = take();
      return last.sample;
    },
    describe: async () => collector.describe(),
    close,
  };
}

function silence(address: string, ms: number, { advertised }: Collected): RadioError {
  const reasons = {
    values:
      "repeats a record that was taken before: switch it off and on, or look for a device that repeats its advertisements",
    "no values": "advertises, but without values: switch its broadcast on in the maker's app",
    nothing: `was not found in ${Math.round(ms / 1000)} s: is it on, in range, and not connected to a phone?`,
  };
  return new RadioError("not-found", `${address} ${reasons[advertised]}`);
}
