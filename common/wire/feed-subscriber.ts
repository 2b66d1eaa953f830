import type { Reading } from "../model/reading.ts";
import type { Clock } from "../runtime/clock.ts";
import { decodeFeedPayload } from "./feed.ts";
import { WireError } from "./wire-error.ts";
import { loadZeromq } from "./zeromq.ts";

/** A subscription to the live feed, which connects and reconnects until it is closed. */
export interface FeedSubscription {
  close(): void;
}

export interface FeedEvents {
  reading(reading: Reading): void;
  /** The connection was made, or was lost. */
  state(state: "connected" | "away"): void;
  /** A message is damaged or of another version. */
  rejected(error: WireError): void;
  /** The listener is not trusted, and nothing is taken from it. */
  refused(fault: string): void;
}

export type SubscribeFeed = (endpoint: string, events: FeedEvents, clock: Clock) => FeedSubscription;

/** Messages that wait to be read. Beyond it the newest are lost. */
const HIGH_WATER_MARK = 4_000;

/** Subscribes to every meter. */
export const subscribeFeed: SubscribeFeed = (endpoint, events) => {
  const { Subscriber } = loadZeromq();
  const socket = new Subscriber({
    linger: 0,
    receiveHighWaterMark: HIGH_WATER_MARK,
    maxMessageSize: 65_536,
    reconnectInterval: 100,
    reconnectMaxInterval: 2_000,
    handshakeInterval: 10_000,
    // A frozen aggregator keeps its connections open. Without replies to heartbeats the connection is replaced.
    heartbeatInterval: 2_000,
    heartbeatTimeout: 6_000,
  });
  let isClosed = false;
  socket.events.on("handshake", () => events.state("connected"));
  socket.events.on("disconnect", () => events.state("away"));
  socket.subscribe();
  socket.connect(endpoint);
  void receive();

  async function receive() {
    try {
      for await (const [, payload] of socket) if (payload) take(payload);
    } catch (error) {
      // Closing the socket ends a pending receive with an error.
      if (!isClosed) throw error;
    }
  }
  function take(payload: Uint8Array) {
    try {
      events.reading(decodeFeedPayload(payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      events.rejected(error);
    }
  }
  return {
    close() {
      isClosed = true;
      socket.close();
    },
  };
};
