import type { ServerResponse } from "node:http";
import type { Clock } from "../../common/runtime/clock.ts";
import type { EventViews, HouseView } from "../model/views.ts";
import { begin, RequestError } from "./answer.ts";

/** Server-sent events for any number of open pages. */
export interface EventStreams {
  readonly open: number;
  /** Sends the whole house, then what changes, until the client or `close` ends it. @throws {RequestError} 503 */
  serve(response: EventResponse): void;
  close(): void;
}

export type EventResponse = Pick<ServerResponse, "writeHead" | "write" | "writableLength" | "destroy" | "end" | "once">;

export interface EventDeps {
  house(): HouseView;
  readonly clock: Clock;
}

/** Streams at once. Each may keep one copy of the house in memory while its client is slow. */
const MAX_STREAMS = 64;
/** Time between two looks at the house, ms. */
const LOOK_MS = 500;
/** Looks between two ticks: one at least every 2 s, however late a look is. */
const LOOKS_A_TICK = 3;
/** Time after which a client that takes nothing is disconnected, ms. */
const STALLED_MS = 10_000;
/** Time after which a browser reconnects, ms. */
const RETRY_MS = 2_000;

interface Stream {
  readonly response: EventResponse;
  /** When everything written had been taken. */
  drainedAt: number;
  /** Something was not sent because the client had not taken what was sent before. */
  isBehind: boolean;
}

/** Streams that share one look at the house, and one text of each change. */
export function createEventStreams({ house, clock }: EventDeps): EventStreams {
  const streams = new Set<Stream>();
  const closed = new AbortController();
  let last = new Map<string, string>();
  let looks = 0;
  let isLooking = false;

  function look() {
    const view = house();
    const parts = partsOf(view);
    const isWhole = [...last.keys()].some((key) => !parts.has(key));
    const whole = lazily(() => event("house", view));
    const news = isWhole ? whole() : [...parts].map(([key, text]) => (last.get(key) === text ? "" : text)).join("");
    looks += 1;
    const text = looks % LOOKS_A_TICK === 0 ? `${news}${event("tick", { at: view.at })}` : news;
    last = parts;
    for (const stream of streams) send(stream, text, whole);
  }
  /** Nothing is added to what a slow client has not taken: it gets the whole house once it has. */
  function send(stream: Stream, text: string, whole: () => string) {
    const { response } = stream;
    const now = clock.monotonic();
    if (response.writableLength > 0) {
      stream.isBehind ||= text !== "";
      if (now - stream.drainedAt >= STALLED_MS) response.destroy();
      return;
    }
    stream.drainedAt = now;
    const due = stream.isBehind ? whole() : text;
    stream.isBehind = false;
    if (due !== "") response.write(due);
  }
  async function keepLooking() {
    isLooking = true;
    while (streams.size > 0) {
      await clock.sleep(LOOK_MS, closed.signal);
      look();
    }
    isLooking = false;
  }

  return {
    get open() {
      return streams.size;
    },
    serve(response) {
      if (streams.size >= MAX_STREAMS) {
        throw new RequestError(503, `${MAX_STREAMS} pages are open: close one and try again`, { "retry-after": "10" });
      }
      const stream: Stream = { response, drainedAt: clock.monotonic(), isBehind: false };
      const view = house();
      begin(response, 200, "text/event-stream; charset=utf-8");
      response.write(`retry: ${RETRY_MS}\n\n${event("house", view)}`);
      streams.add(stream);
      response.once("close", () => streams.delete(stream));
      if (isLooking) return;
      last = partsOf(view);
      keepLooking().catch(() => {});
    },
    close() {
      closed.abort();
      for (const { response } of streams) response.end();
    },
  };
}

/** The texts of all events that make up the house, by the part that each replaces. */
function partsOf({ feed, meters, health, alerts, history }: HouseView): Map<string, string> {
  return new Map([
    ["feed", event("feed", feed)],
    ...meters.map((meter): [string, string] => [`meter ${meter.meter}`, event("meter", meter)]),
    ["health", event("health", health)],
    ["alerts", event("alerts", alerts)],
    ["history", event("history", history)],
  ]);
}

function event<Name extends keyof EventViews>(name: Name, view: EventViews[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(view)}\n\n`;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
