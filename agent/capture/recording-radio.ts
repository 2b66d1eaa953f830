import type { Clock } from "../../common/runtime/clock.ts";
import { type Direction, maskSecrets } from "../drivers/jbd/redact.ts";
import { createNotificationQueue } from "../radio/notification-queue.ts";
import type { Link, Notifications, Radio } from "../radio/radio.ts";
import type { CaptureRecord } from "./record.ts";

/** How often the recorder of a silent characteristic looks whether the link was closed. */
const LOOK_MS = 1_000;

/** What a link is recorded with. */
interface Tape {
  write(record: CaptureRecord): void;
  /** Milliseconds since the Unix epoch, on a clock that does not jump. */
  at(): number;
  readonly clock: Clock;
}

/** The same radio; what happens on its links is recorded as it happens, passwords masked. */
export function recordRadio(radio: Radio, write: (record: CaptureRecord) => void, clock: Clock): Radio {
  const epochMs = clock.now() - clock.monotonic();
  const tape: Tape = { write, at: () => Math.round(epochMs + clock.monotonic()), clock };
  /** An agent has one link at a time. */
  let end = () => {};
  return {
    scan: (signal) => radio.scan(signal),
    close() {
      end();
      return radio.close();
    },
    async connect(to, signal) {
      const recorded = recordLink(await radio.connect(to, signal), tape);
      end = recorded.end;
      return recorded.link;
    },
  };
}

/** A record that lacks its time. */
type Note = (at: number) => CaptureRecord;

/** `end`: nobody listens to the link any longer. */
function recordLink(link: Link, tape: Tape): { readonly link: Link; end(): void } {
  const { address, addressType, services, lost } = link;
  const over = new AbortController();
  let tellWrite = () => {};
  function note(record: Note) {
    tellWrite();
    if (!over.signal.aborted) tape.write(record(tape.at()));
  }
  function end() {
    note((at) => ({ at, op: "disconnect" }));
    over.abort();
  }
  note((at) => ({ at, op: "connect", address, addressType, services }));
  if (lost.aborted) end();
  else lost.addEventListener("abort", end, { once: true });
  const recorded: Link = {
    address,
    addressType,
    services,
    get rssi() {
      return link.rssi;
    },
    lost,
    ...(link.pair && { pair: () => link.pair?.() ?? Promise.resolve() }),
    async read(characteristic) {
      const value = await link.read(characteristic);
      note((at) => ({ at, op: "read", characteristic, hex: toHex(value) }));
      return value;
    },
    async write(characteristic, bytes, mode) {
      // What waits for an answer waits from when the write is through; but the answer may come before we hear of that.
      const tell = () => {
        if (tellWrite !== tell) return;
        tellWrite = () => {};
        note((at) => ({ at, op: "write", characteristic, hex: maskedHex(bytes, "written") }));
      };
      tellWrite();
      tellWrite = tell;
      await link.write(characteristic, bytes, mode).finally(tell);
    },
    async subscribe(characteristic) {
      note((at) => ({ at, op: "subscribe", characteristic }));
      return recordNotifications(characteristic, await link.subscribe(characteristic), note, tape.clock, over.signal);
    },
    close() {
      end();
      return link.close();
    },
  };
  return { link: recorded, end };
}

/** Notifications are recorded when they arrive, not when the driver comes round to them. */
function recordNotifications(
  characteristic: string,
  source: Notifications,
  note: (record: Note) => void,
  clock: Clock,
  over: AbortSignal,
): Notifications {
  const queue = createNotificationQueue(clock);
  async function passOn() {
    while (!over.aborted) {
      const notification = await source.next(LOOK_MS);
      if (!notification) continue;
      note((at) => ({ at, op: "notify", characteristic, hex: maskedHex(notification, "notified") }));
      queue.push(notification);
    }
  }
  passOn().catch((error) => queue.end(error));
  return queue;
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const maskedHex = (bytes: Uint8Array, direction: Direction) => toHex(maskSecrets(bytes, direction));
