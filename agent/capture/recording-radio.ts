import type { Clock } from "../../common/runtime/clock.ts";
import type { Direction, Driver, Redact } from "../drivers/driver.ts";
import { createNotificationQueue } from "../radio/notification-queue.ts";
import {
  type Advertisement,
  type Characteristic,
  type Link,
  type Notifications,
  type Radio,
  RadioError,
} from "../radio/radio.ts";
import type { AdvertisementRecord, AdvertiseRecord, CaptureRecord } from "./record.ts";

/** Interval at which the recorder of a silent characteristic checks for the end of its link. */
const CHECK_MS = 1_000;

export interface RecordingContext {
  /** Secrets that these drivers know are redacted. */
  readonly drivers: readonly Driver[];
  write(record: CaptureRecord): void;
  readonly clock: Clock;
}

/** The same radio; events on its links are recorded as they happen. */
export function recordRadio(radio: Radio, context: RecordingContext): Radio {
  const { clock } = context;
  const epochMs = clock.now() - clock.monotonic();
  const record = (draft: RecordDraft) => context.write(draft(Math.round(epochMs + clock.monotonic())));
  /** An agent has one link at a time. */
  let end = () => {};
  return {
    scan: (signal) => radio.scan(signal),
    async *listen(to, signal) {
      const isRecorded = createAdvertisementFilter(clock);
      for await (const advertisement of radio.listen(to, signal)) {
        if (isRecorded(advertisement)) record((at) => advertiseRecord(at, advertisement));
        yield advertisement;
      }
    },
    close() {
      end();
      return radio.close();
    },
    async connect(to, signal, admit) {
      const recorded = recordLink(await radio.connect(to, signal, admit), record, context);
      end = recorded.end;
      return recorded.link;
    },
  };
}

/** A record without its time, which is on a clock that does not jump. */
type RecordDraft = (at: number) => CaptureRecord;
type Recorder = (draft: RecordDraft) => void;

/** Nothing is recorded after `end`. */
function recordLink(
  link: Link,
  recordAlways: Recorder,
  { drivers, clock }: RecordingContext,
): { readonly link: Link; end(): void } {
  const { address, addressType, services, lost } = link;
  const ended = new AbortController();
  let recordWrite = () => {};
  function record(draft: RecordDraft) {
    recordWrite();
    if (!ended.signal.aborted) recordAlways(draft);
  }
  function end() {
    record((at) => ({ at, op: "disconnect" }));
    ended.abort();
  }
  const redact = createRedactor(drivers);
  const hex = (direction: Direction, bytes: Uint8Array) => toHex(redact(direction, bytes));
  /** Notifications are recorded when they arrive, not when the driver takes them. */
  function recordNotifications(from: Characteristic, source: Notifications): Notifications {
    const queue = createNotificationQueue(clock);
    async function passOn() {
      while (!ended.signal.aborted) {
        const notification = await source.next(CHECK_MS);
        if (!notification) continue;
        record((at) => ({ at, op: "notify", ...from, hex: hex("received", notification) }));
        queue.push(notification);
      }
    }
    passOn().catch((error) => queue.end(error));
    return queue;
  }
  const advertisement = advertisementRecord(link.advertisement);
  record((at) => ({ at, op: "connect", address, addressType, services, ...(advertisement && { advertisement }) }));
  if (lost.aborted) end();
  else lost.addEventListener("abort", end, { once: true });
  const recorded: Link = {
    address,
    addressType,
    services,
    get advertisement() {
      return link.advertisement;
    },
    get rssi() {
      return link.rssi;
    },
    lost,
    ...(link.pair && { pair: () => link.pair?.() ?? Promise.resolve() }),
    async read({ service, characteristic }) {
      const from = { service, characteristic };
      try {
        const value = await link.read(from);
        record((at) => ({ at, op: "read", ...from, hex: hex("received", value) }));
        return value;
      } catch (error) {
        if (error instanceof RadioError) record((at) => ({ at, op: "read", ...from, error: error.fault }));
        throw error;
      }
    },
    async write({ service, characteristic }, bytes, mode) {
      const to = { service, characteristic };
      // The wait for a response begins when the write completes; but the response may arrive before its completion.
      const recordOnce = () => {
        if (recordWrite !== recordOnce) return;
        recordWrite = () => {};
        record((at) => ({ at, op: "write", ...to, hex: hex("sent", bytes) }));
      };
      recordWrite();
      recordWrite = recordOnce;
      await link.write(to, bytes, mode).finally(recordOnce);
    },
    async subscribe({ service, characteristic }) {
      const to = { service, characteristic };
      record((at) => ({ at, op: "subscribe", ...to }));
      return recordNotifications(to, await link.subscribe(to));
    },
    close() {
      end();
      return link.close();
    },
  };
  return { link: recorded, end };
}

/** Between two records of an advertisement that a device repeats: it may do so ten times a second. */
const REPEAT_MS = 1_000;

/** True for an advertisement that differs from the one before, and for the first one after a while. */
function createAdvertisementFilter(clock: Clock): (advertisement: Advertisement) => boolean {
  let last = "";
  let lastMs = Number.NEGATIVE_INFINITY;
  return (advertisement) => {
    const { at: _, rssi: __, ...content } = advertiseRecord(0, advertisement);
    const text = JSON.stringify(content);
    if (text === last && clock.monotonic() - lastMs < REPEAT_MS) return false;
    last = text;
    lastMs = clock.monotonic();
    return true;
  };
}

/** As it was on the air: values that a device encrypts stay encrypted, and the key is not in it. */
function advertiseRecord(
  at: number,
  { address, name, services, manufacturerData, rssi }: Advertisement,
): AdvertiseRecord {
  const payloads = [...manufacturerData].map(([company, bytes]) => [
    company.toString(16).padStart(4, "0"),
    toHex(bytes),
  ]);
  const known = { address, name, services, manufacturerData: Object.fromEntries(payloads) };
  return { at, op: "advertise", ...known, ...(rssi !== undefined && { rssi }) };
}

function advertisementRecord(advertisement: Advertisement | undefined): AdvertisementRecord | undefined {
  if (!advertisement) return undefined;
  const { name, services } = advertisement;
  const payloads = [...advertisement.manufacturerData].map(([company, bytes]) => [company, toHex(bytes)]);
  return { name, services, manufacturerData: Object.fromEntries(payloads) };
}

/** For one link: removes the secrets that any of the drivers knows. */
export function createRedactor(drivers: readonly Driver[]): Redact {
  const redactors = drivers.flatMap(({ redactor }) => redactor?.() ?? []);
  return (direction, bytes) => redactors.reduce((plain, redact) => redact(direction, plain), bytes);
}

export const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
