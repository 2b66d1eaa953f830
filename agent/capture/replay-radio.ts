import type { Clock } from "../../common/runtime/clock.ts";
import type { Driver } from "../drivers/driver.ts";
import { createNotificationQueue, type NotificationQueue } from "../radio/notification-queue.ts";
import { type Link, type Radio, RadioError } from "../radio/radio.ts";
import type { Exchange } from "./parse.ts";
import type { Event } from "./record.ts";
import { redactedHex } from "./recording-radio.ts";

/** Time until a read fails that was not recorded. */
const SILENT_READ_MS = 5_000;
/** Of the records' times: a disconnect must not overtake the deadline that preceded it by less. */
const RESOLUTION_MS = 1;

export interface ReplayRadio extends Radio {
  /** Number of recorded reads and writes that were made again so far. */
  readonly consumed: number;
}

/**
 * A radio made from a recording. The n-th action of a kind has the events that followed the n-th recorded one, after the
 * same time, but before the next action that was recorded: a machine that was suspended may have taken longer in between.
 * An action that was recorded less often has no events. Connecting and subscribing always succeed.
 */
export function createReplayRadio(
  exchanges: readonly Exchange[],
  drivers: readonly Driver[],
  clock: Clock,
): ReplayRadio {
  const recording = createRecording(exchanges, drivers);
  let device: RecordedDevice | undefined;
  return {
    get consumed() {
      return recording.consumed;
    },
    async *scan() {},
    async connect() {
      const exchange = recording.next("connect");
      if (exchange?.action.op === "connect") device = exchange.action;
      if (!device) throw new RadioError("not-found", "the recording has no link");
      return replayLink(device, exchange, recording, clock);
    },
    close: async () => {},
  };
}

type RecordedDevice = Pick<Link, "address" | "addressType" | "services">;
type RecordedExchanges = ReturnType<typeof createRecording>;

/** Hands out equal exchanges one by one. Actions are compared after redaction. */
function createRecording(exchanges: readonly Exchange[], drivers: readonly Driver[]) {
  const keyOf = (op: string, characteristic: string, hex: string) =>
    `${op} ${characteristic} ${redactedHex(drivers, "sent", fromHex(hex))}`;
  const equals = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const { action } = exchange;
    const characteristic = action.op === "connect" ? "" : action.characteristic;
    const key = keyOf(action.op, characteristic, action.op === "write" ? action.hex : "");
    const equal = equals.get(key);
    if (equal) equal.push(exchange);
    else equals.set(key, [exchange]);
  }
  const coming = new Map([...equals].map(([key, equal]) => [key, equal.values()]));
  let consumed = 0;
  return {
    get consumed() {
      return consumed;
    },
    next(op: Exchange["action"]["op"], characteristic = "", hex = ""): Exchange | undefined {
      const exchange = coming.get(keyOf(op, characteristic, hex))?.next().value;
      if (exchange && (op === "read" || op === "write")) consumed += 1;
      return exchange;
    },
  };
}

function replayLink(
  { address, addressType, services }: RecordedDevice,
  connected: Exchange | undefined,
  recording: RecordedExchanges,
  clock: Clock,
): Link {
  const lost = new AbortController();
  const closed = new AbortController();
  const queues = new Map<string, NotificationQueue>();
  function emit(event: Event) {
    if (event.op === "notify") queues.get(event.characteristic)?.push(fromHex(event.hex));
    else {
      const why = new RadioError("disconnected", "the link ended, as recorded");
      lost.abort(why);
      for (const queue of queues.values()) queue.end(why);
    }
  }
  /** Those of the last recorded action. */
  let coming: Exchange["events"][number][] = [];
  async function emitInTime(events: typeof coming) {
    const beganMs = clock.monotonic();
    for (let next = events[0]; next; next = events[0]) {
      const dueMs = next.event.op === "disconnect" ? next.afterMs + RESOLUTION_MS : next.afterMs;
      await clock.sleep(beganMs + dueMs - clock.monotonic(), closed.signal);
      if (events.shift() === next) emit(next.event);
    }
  }
  /** Until the link is closed. Events that were recorded before this exchange are emitted first. */
  function play(exchange: Exchange | undefined) {
    if (!exchange) return;
    for (const { event } of coming.splice(0)) emit(event);
    coming = [...exchange.events];
    emitInTime(coming).catch(() => {});
  }
  play(connected);
  return {
    address,
    addressType,
    services,
    advertisement: undefined,
    rssi: undefined,
    lost: lost.signal,
    async read({ characteristic }) {
      lost.signal.throwIfAborted();
      const exchange = recording.next("read", characteristic);
      play(exchange);
      if (exchange?.action.op === "read") return fromHex(exchange.action.hex);
      await clock.sleep(SILENT_READ_MS, lost.signal);
      throw new RadioError("timeout", `no further read of ${characteristic} was recorded`);
    },
    async write({ characteristic }, bytes) {
      lost.signal.throwIfAborted();
      const hex = Buffer.from(bytes).toString("hex");
      play(withEcho(recording.next("write", characteristic, hex), hex));
    },
    async subscribe({ characteristic }) {
      lost.signal.throwIfAborted();
      const queue = createNotificationQueue(clock);
      queues.set(characteristic, queue);
      play(recording.next("subscribe", characteristic));
      return queue;
    },
    async close() {
      closed.abort();
    },
  };
}

/** A recorded echo of redacted bytes becomes an echo of the bytes that are written now. */
function withEcho(exchange: Exchange | undefined, hex: string): Exchange | undefined {
  if (exchange?.action.op !== "write") return exchange;
  const redacted = exchange.action.hex;
  const events = exchange.events.map(({ afterMs, event }) => ({
    afterMs,
    event: event.op === "notify" && event.hex === redacted ? { ...event, hex } : event,
  }));
  return { ...exchange, events };
}

export const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
