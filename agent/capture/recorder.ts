import type { Clock } from "../../common/clock.ts";
import { createNotificationQueue } from "../radio/notification-queue.ts";
import type { Link, Notifications, Radio } from "../radio/radio.ts";
import { type Direction, maskSecrets } from "./mask.ts";
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
  return {
    scan: (signal) => radio.scan(signal),
    close: () => radio.close(),
    connect: async (to, signal) => recordLink(await radio.connect(to, signal), tape),
  };
}

function recordLink(link: Link, tape: Tape): Link {
  const { address, addressType, services, lost } = link;
  const over = new AbortController();
  function end() {
    if (over.signal.aborted) return;
    over.abort();
    tape.write({ at: tape.at(), op: "disconnect" });
  }
  tape.write({ at: tape.at(), op: "connect", address, addressType, services });
  if (lost.aborted) end();
  else lost.addEventListener("abort", end, { once: true });
  return {
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
      tape.write({ at: tape.at(), op: "read", characteristic, hex: toHex(value) });
      return value;
    },
    write(characteristic, bytes, mode) {
      tape.write({ at: tape.at(), op: "write", characteristic, hex: maskedHex(bytes, "written") });
      return link.write(characteristic, bytes, mode);
    },
    async subscribe(characteristic) {
      tape.write({ at: tape.at(), op: "subscribe", characteristic });
      return recordNotifications(characteristic, await link.subscribe(characteristic), tape, over.signal);
    },
    close() {
      end();
      return link.close();
    },
  };
}

/** Notifications are recorded when they arrive, not when the driver comes round to them. */
function recordNotifications(
  characteristic: string,
  source: Notifications,
  { write, at, clock }: Tape,
  over: AbortSignal,
): Notifications {
  const queue = createNotificationQueue(clock);
  async function passOn() {
    while (!over.aborted) {
      const notification = await source.next(LOOK_MS);
      if (!notification) continue;
      if (!over.aborted) write({ at: at(), op: "notify", characteristic, hex: maskedHex(notification, "notified") });
      queue.push(notification);
    }
  }
  passOn().catch((error) => queue.end(error));
  return queue;
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const maskedHex = (bytes: Uint8Array, direction: Direction) => toHex(maskSecrets(bytes, direction));
