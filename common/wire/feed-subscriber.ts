import type { Reading } from "../model/reading.ts";
import type { Clock } from "../runtime/clock.ts";
import { decodeFeedPayload } from "./feed.ts";
import { connectTrusted, type TrustDeps } from "./trusted-connection.ts";
import { WireError } from "./wire-error.ts";
import { loadZeromq, receiveAll } from "./zeromq.ts";

/** A subscription to the live feed, which connects and reconnects until it is closed. */
export interface FeedSubscription {
  /** Damaged or foreign messages so far. */
  readonly rejected: number;
  close(): void;
}

export interface FeedEvents {
  /** A reading may come more than once, and late. */
  reading(reading: Reading): void;
  /** The connection was made, or was lost. */
  state(state: "connected" | "away"): void;
  /** A message is damaged or of another version: the first of a kind. */
  rejected(error: WireError): void;
  /** The listener is not trusted, and nothing is taken from it. Called once per fault; it is checked again every 5 s. */
  refused(fault: string): void;
}

export type SubscribeFeed = (
  endpoint: string,
  events: FeedEvents,
  clock: Clock,
  trust?: Pick<TrustDeps, "listenerFault">,
) => FeedSubscription;

/** Messages that wait to be read. Beyond it the newest are lost. */
const HIGH_WATER_MARK = 4_000;

/** Subscribes to every meter. */
export const subscribeFeed: SubscribeFeed = (endpoint, events, clock, trust = {}) => {
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
  const connection = connectTrusted(socket, endpoint, refuse, {
    clock,
    uid: process.getuid?.() ?? 0,
    ...trust,
  });
  const faults = new Set<string>();
  let rejected = 0;
  let isConnected = false;
  let refusal: string | undefined;
  socket.events.on("handshake", () => setConnected(true));
  socket.events.on("disconnect", () => setConnected(false));
  socket.subscribe();
  void receiveAll(socket, (...frames) => take(frames));

  function setConnected(next: boolean) {
    if (next === isConnected) return;
    isConnected = next;
    if (isConnected) refusal = undefined;
    events.state(next ? "connected" : "away");
  }
  function refuse(fault: string) {
    if (fault === refusal) return;
    refusal = fault;
    events.refused(fault);
  }
  function take(frames: readonly Uint8Array[]) {
    const reading = decode(frames);
    if (reading) events.reading(reading);
  }
  function decode([, payload, ...more]: readonly Uint8Array[]): Reading | undefined {
    try {
      if (!payload || more.length > 0) throw new WireError("malformed", "not a message of two frames");
      return decodeFeedPayload(payload);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      rejected += 1;
      if (!faults.has(error.fault)) events.rejected(error);
      faults.add(error.fault);
      return undefined;
    }
  }
  return {
    get rejected() {
      return rejected;
    },
    close() {
      socket.close();
      connection.close();
    },
  };
};
