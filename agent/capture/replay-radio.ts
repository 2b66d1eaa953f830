import type { Clock } from "../../common/runtime/clock.ts";
import { unmaskedPart } from "../drivers/jbd/redact.ts";
import { createNotificationQueue, type NotificationQueue } from "../radio/notification-queue.ts";
import { type Link, type Radio, RadioError } from "../radio/radio.ts";
import type { Exchange } from "./parse.ts";
import type { Event } from "./record.ts";

/** How long a read that was not recorded waits in vain. */
const SILENT_READ_MS = 5_000;
/** Records are a millisecond fine: a disconnect must not overtake the deadline of ours that it followed. */
const RESOLUTION_MS = 1;

export interface ReplayRadio extends Radio {
  /** How many recorded reads and writes have been asked for so far. */
  readonly consumed: number;
}

/**
 * A radio made from a recording. Who does the same as then for the n-th time sees what came of it the n-th time, at the
 * same distance in time, but before the next thing that is done as it was then: a machine that stood still may have taken
 * longer for what came in between. What is done more often gets no answer. Connecting and subscribing always succeed.
 */
export function createReplayRadio(exchanges: readonly Exchange[], clock: Clock): ReplayRadio {
  const tape = createTape(exchanges);
  let place: Place | undefined;
  return {
    get consumed() {
      return tape.consumed;
    },
    async *scan() {},
    async connect() {
      const exchange = tape.next("connect");
      if (exchange?.deed.op === "connect") place = exchange.deed;
      if (!place) throw new RadioError("not-found", "the recording has no link");
      return replayLink(place, exchange, tape, clock);
    },
    close: async () => {},
  };
}

type Place = Pick<Link, "address" | "addressType" | "services">;
type Tape = ReturnType<typeof createTape>;

/** Hands out equal exchanges one by one. Deeds are equal as far as masking leaves them. */
function createTape(exchanges: readonly Exchange[]) {
  const equals = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const { deed } = exchange;
    const characteristic = deed.op === "connect" ? "" : deed.characteristic;
    const key = keyOf(deed.op, characteristic, deed.op === "write" ? deed.hex : "");
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
    next(op: Exchange["deed"]["op"], characteristic = "", hex = ""): Exchange | undefined {
      const exchange = coming.get(keyOf(op, characteristic, hex))?.next().value;
      if (exchange && (op === "read" || op === "write")) consumed += 1;
      return exchange;
    },
  };
}

const keyOf = (op: string, characteristic: string, hex: string) => `${op} ${characteristic} ${unmaskedPart(hex)}`;

function replayLink(place: Place, made: Exchange | undefined, tape: Tape, clock: Clock): Link {
  const lost = new AbortController();
  const closed = new AbortController();
  const queues = new Map<string, NotificationQueue>();
  function happen(event: Event) {
    if (event.op === "notify") queues.get(event.characteristic)?.push(fromHex(event.hex));
    else {
      const why = new RadioError("disconnected", "the link ended, as recorded");
      lost.abort(why);
      for (const queue of queues.values()) queue.end(why);
    }
  }
  /** Of the last deed that is on the tape. */
  let coming: Exchange["events"][number][] = [];
  async function happenInTime(events: typeof coming) {
    const beganMs = clock.monotonic();
    for (let next = events[0]; next; next = events[0]) {
      const dueMs = next.event.op === "disconnect" ? next.afterMs + RESOLUTION_MS : next.afterMs;
      await clock.sleep(beganMs + dueMs - clock.monotonic(), closed.signal);
      if (events.shift() === next) happen(next.event);
    }
  }
  /** Until the link is closed. What is on the tape before this happens first. */
  function play(exchange: Exchange | undefined) {
    if (!exchange) return;
    for (const { event } of coming.splice(0)) happen(event);
    coming = [...exchange.events];
    happenInTime(coming).catch(() => {});
  }
  play(made);
  return {
    address: place.address,
    addressType: place.addressType,
    services: place.services,
    rssi: undefined,
    lost: lost.signal,
    async read(characteristic) {
      lost.signal.throwIfAborted();
      const exchange = tape.next("read", characteristic);
      play(exchange);
      if (exchange?.deed.op === "read") return fromHex(exchange.deed.hex);
      await clock.sleep(SILENT_READ_MS, lost.signal);
      throw new RadioError("timeout", `no further read of ${characteristic} was recorded`);
    },
    async write(characteristic, bytes) {
      lost.signal.throwIfAborted();
      const hex = Buffer.from(bytes).toString("hex");
      play(withEcho(tape.next("write", characteristic, hex), hex));
    },
    async subscribe(characteristic) {
      lost.signal.throwIfAborted();
      const queue = createNotificationQueue(clock);
      queues.set(characteristic, queue);
      play(tape.next("subscribe", characteristic));
      return queue;
    },
    async close() {
      closed.abort();
    },
  };
}

/** What came back as it had been written then, masked, comes back as it is written now. */
function withEcho(exchange: Exchange | undefined, hex: string): Exchange | undefined {
  if (exchange?.deed.op !== "write") return exchange;
  const masked = exchange.deed.hex;
  const events = exchange.events.map(({ afterMs, event }) => ({
    afterMs,
    event: event.op === "notify" && event.hex === masked ? { ...event, hex } : event,
  }));
  return { ...exchange, events };
}

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
