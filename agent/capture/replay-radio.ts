import type { Clock } from "../../common/runtime/clock.ts";
import type { Driver } from "../drivers/driver.ts";
import { createNotificationQueue, type NotificationQueue } from "../radio/notification-queue.ts";
import { type Characteristic, type Link, type Radio, RadioError } from "../radio/radio.ts";
import type { Exchange } from "./parse.ts";
import type { ConnectRecord, Event } from "./record.ts";
import { createRedactor, toHex } from "./recording-radio.ts";

/** Time until a read fails that was not recorded. */
const SILENT_READ_MS = 5_000;
/** Of the records' times: a disconnect must not overtake the deadline that preceded it by less. */
const RESOLUTION_MS = 1;

export interface ReplayRadio extends Radio {
  readonly state: ReplayState;
}

interface ReplayState {
  pace: Pace;
  /** Number of recorded reads and writes that were made again so far. */
  requests: number;
  /** Number of events that were emitted on demand so far. */
  demanded: number;
}

/**
 * `on-demand`: each event waits until the driver awaits a notification. A device that pushes does so between two polls as
 * well, and a poll that met with silence has sent a request, which was recorded.
 */
type Pace = "as-recorded" | "on-demand";

/**
 * A radio made from a recording, link by link. The n-th action of a kind on a link has the events that followed the n-th
 * recorded one of that link, after the same time, but before the next action that was recorded: a machine that was
 * suspended may have taken longer in between. Events on demand keep no time. An action that was recorded less often
 * on that link has no events. Connecting and subscribing always succeed.
 */
export function createReplayRadio(
  exchanges: readonly Exchange[],
  drivers: readonly Driver[],
  clock: Clock,
): ReplayRadio {
  const recording = createRecording(exchanges, drivers);
  let device: RecordedDevice | undefined;
  return {
    state: recording.state,
    async *scan() {},
    async *listen() {},
    async connect() {
      const exchange = recording.next("connect");
      if (exchange?.action.op === "connect") device = exchange.action;
      if (!device) throw new RadioError("not-found", "the recording has no link");
      return replayLink(device, exchange, recording, clock);
    },
    close: async () => {},
  };
}

type RecordedDevice = Omit<ConnectRecord, "at" | "op">;
type RecordedExchanges = ReturnType<typeof createRecording>;

/**
 * Hands out equal exchanges of one link one by one. Each connection goes on to the next recorded link, and stays on
 * the last one. Actions are compared after redaction.
 */
function createRecording(exchanges: readonly Exchange[], drivers: readonly Driver[]) {
  const keyOf = (link: number, op: string, at: Partial<Characteristic>, hex = "") =>
    [link, op, at.service, at.characteristic, hex].join(" ");
  let redact = createRedactor(drivers);
  const redacted = (hex: string) => toHex(redact("sent", fromHex(hex)));
  const equals = new Map<string, Exchange[]>();
  let recordedLink = 0;
  for (const exchange of exchanges) {
    const { action } = exchange;
    if (action.op === "connect") {
      recordedLink += 1;
      redact = createRedactor(drivers);
    }
    const at = action.op === "connect" ? {} : action;
    const key = keyOf(recordedLink, action.op, at, action.op === "write" ? redacted(action.hex) : "");
    const equal = equals.get(key);
    if (equal) equal.push(exchange);
    else equals.set(key, [exchange]);
  }
  const coming = new Map([...equals].map(([key, equal]) => [key, equal.values()]));
  let link = 0;
  const state: ReplayState = { pace: "as-recorded", requests: 0, demanded: 0 };
  return {
    state,
    /** Records of old captures, which have no service, come before the others. */
    next(op: Exchange["action"]["op"], at: Partial<Characteristic> = {}, hex = ""): Exchange | undefined {
      if (op === "connect") {
        link = Math.min(link + 1, recordedLink);
        redact = createRedactor(drivers);
      }
      const plain = redacted(hex);
      const { service: _, ...old } = at;
      const exchange = [old, at].reduce<Exchange | undefined>(
        (found, one) => found ?? coming.get(keyOf(link, op, one, plain))?.next().value,
        undefined,
      );
      if (exchange && (op === "read" || op === "write")) state.requests += 1;
      return exchange;
    },
  };
}

function replayLink(
  { address, addressType, services, advertisement }: RecordedDevice,
  connected: Exchange | undefined,
  recording: RecordedExchanges,
  clock: Clock,
): Link {
  const lost = new AbortController();
  const closed = new AbortController();
  const subscriptions: { readonly at: Characteristic; readonly queue: NotificationQueue }[] = [];
  /** Returns the queue that a notification has reached. */
  function emit(event: Event): NotificationQueue | undefined {
    if (event.op === "notify") {
      const { service, characteristic, hex } = event;
      const isSource = ({ at }: { at: Characteristic }) =>
        at.characteristic === characteristic && (service === undefined || at.service === service);
      const queue = subscriptions.findLast(isSource)?.queue;
      queue?.push(fromHex(hex));
      return queue;
    }
    const why = new RadioError("disconnected", "the link ended, as recorded");
    lost.abort(why);
    for (const { queue } of subscriptions) queue.end(why);
    return undefined;
  }
  /** Those of the last recorded action. */
  let coming: Exchange["events"][number][] = [];
  async function emitInTime(events: typeof coming) {
    const beganMs = clock.monotonic();
    for (let next = events[0]; next; next = events[0]) {
      const dueMs = next.event.op === "disconnect" ? next.afterMs + RESOLUTION_MS : next.afterMs;
      await clock.sleep(beganMs + dueMs - clock.monotonic(), closed.signal);
      if (recording.state.pace === "on-demand") return;
      if (events.shift() === next) emit(next.event);
    }
  }
  /** Until the link is closed. Events that were recorded before this exchange are emitted first. */
  function play(exchange: Exchange | undefined) {
    if (!exchange) return;
    for (const { event } of coming.splice(0)) emit(event);
    coming = [...exchange.events];
    if (recording.state.pace === "as-recorded") emitInTime(coming).catch(() => {});
  }
  /** Emits what was recorded up to the next notification for this queue. */
  function emitFor(queue: NotificationQueue) {
    for (let next = coming.shift(); next; next = coming.shift()) {
      recording.state.demanded += 1;
      if (emit(next.event) === queue) return;
    }
  }
  play(connected);
  return {
    address,
    addressType,
    services,
    advertisement: advertisement && {
      ...advertisement,
      address,
      addressType,
      rssi: undefined,
      manufacturerData: new Map(
        Object.entries(advertisement.manufacturerData).map(([company, hex]) => [Number(company), fromHex(hex)]),
      ),
    },
    rssi: undefined,
    lost: lost.signal,
    async read(at) {
      lost.signal.throwIfAborted();
      const exchange = recording.next("read", at);
      play(exchange);
      if (exchange?.action.op !== "read") {
        await clock.sleep(SILENT_READ_MS, lost.signal);
        throw new RadioError("timeout", `no further read of ${at.characteristic} was recorded`);
      }
      if ("hex" in exchange.action) return fromHex(exchange.action.hex);
      throw new RadioError(exchange.action.error, `the read of ${at.characteristic} failed, as recorded`);
    },
    async write(at, bytes) {
      lost.signal.throwIfAborted();
      const hex = Buffer.from(bytes).toString("hex");
      play(withEcho(recording.next("write", at, hex), hex));
    },
    async subscribe(at) {
      lost.signal.throwIfAborted();
      const queue = createNotificationQueue(clock);
      subscriptions.push({ at, queue });
      play(recording.next("subscribe", at));
      return {
        ...queue,
        async next(withinMs) {
          // A driver that does not wait discards what has arrived before.
          if (recording.state.pace === "on-demand" && withinMs > 0) emitFor(queue);
          return queue.next(withinMs);
        },
      };
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
