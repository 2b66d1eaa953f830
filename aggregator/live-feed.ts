import { chmodSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { supersedes } from "../common/model/reading.ts";
import { type Row, toReading } from "../common/model/row.ts";
import { fullName } from "../common/model/site.ts";
import type { FeedStatus } from "../common/model/status.ts";
import type { Clock } from "../common/runtime/clock.ts";
import { endpointPath } from "../common/wire/endpoint.ts";
import { encodeFeedMessage } from "../common/wire/feed.ts";
import { loadZeromq, receiveAll } from "../common/wire/zeromq.ts";
import { affordableConnections, type GateLimits, type OnRejected } from "./endpoint/gate.ts";
import { claimGatedEndpoint } from "./endpoint/gated-endpoint.ts";

/** The socket on which every new reading is published. */
export interface LiveFeed {
  /** Publishes readings. Nothing waits for it: a subscriber that does not keep up loses messages. */
  publish(readings: readonly Row[]): void;
  readonly status: FeedStatus;
  close(): Promise<void>;
}

export type OpenLiveFeed = (
  endpoint: string,
  deps: { readonly onRejected: (kind: string, detail: string) => void; readonly clock: Clock },
) => Promise<LiveFeed>;

/** Messages that wait for one subscriber. */
const HIGH_WATER_MARK = 4_000;
/** Meters whose latest reading is kept for new subscribers. Beyond it the one without a reading for longest is forgotten. */
const MAX_METERS = 1_024;
/**
 * Least time between two repetitions of latest readings, ms. All subscribers receive them: an XPUB socket sends to whoever
 * has a matching subscription, and cannot address a new one alone.
 */
const REPEAT_MS = 250;
/** Topics of which the latest readings are to be repeated. Beyond it all are. */
const MAX_TOPICS = 64;

const SUBSCRIBE = 1;
const CANCEL = 0;

/** A heartbeat, a subscription or the properties of a socket fit well. */
const limits = (): GateLimits => ({
  connections: affordableConnections(1 / 4, 64),
  frameBytes: 1_024,
  displaced: "silent",
  messages: 1_024,
  bytesPerSecond: 16_384,
});

/**
 * Claims the endpoint and publishes on it. `onRejected` is called for whatever a connection sends besides subscriptions.
 *
 * @throws {EndpointError} if another program has the endpoint, or another file is in its place
 */
export const openLiveFeed: OpenLiveFeed = async (endpoint, { onRejected, clock }) => {
  const { XPublisher } = loadZeromq();
  const reject: OnRejected = (kind, detail) => onRejected(`feed ${kind}`, detail);
  const gated = await claimGatedEndpoint(endpoint, "--feed", limits(), reject);
  const socket = new XPublisher({
    linger: 0,
    // Each message is taken or dropped at once; otherwise ZeroMQ spreads more than 512 over several turns.
    sendTimeout: 0,
    sendHighWaterMark: HIGH_WATER_MARK,
    handshakeInterval: 5_000,
    heartbeatInterval: 10_000,
    heartbeatTimeout: 30_000,
    // Also those for which there is another subscriber.
    verbosity: "allSubs",
  });
  const closing = new AbortController();
  const latest = new Map<string, Row>();
  const wanted = new Set<string>();
  let isRepeating = false;
  let published = 0;

  function send(reading: Row) {
    const { topic, payload } = encodeFeedMessage(toReading(reading));
    socket.send([topic, payload]).catch(() => {});
  }
  function remember(reading: Row) {
    const name = fullName(reading);
    if (!supersedes(reading, latest.get(name), clock.now())) return;
    // The order of the map is that of the latest readings.
    latest.delete(name);
    latest.set(name, reading);
    const [oldest] = latest.size > MAX_METERS ? latest.keys() : [];
    if (oldest !== undefined) latest.delete(oldest);
  }
  /** Repeats the latest readings of the wanted topics, now and whenever others were wanted in the meantime. */
  async function repeat() {
    if (isRepeating) return;
    isRepeating = true;
    while (wanted.size > 0 && !closing.signal.aborted) {
      const topics = wanted.size > MAX_TOPICS ? [""] : [...wanted];
      wanted.clear();
      for (const reading of latest.values()) if (topics.some((topic) => reading.meter.startsWith(topic))) send(reading);
      await clock.sleep(REPEAT_MS, closing.signal).catch(() => {});
    }
    isRepeating = false;
  }
  function receive(frame: Uint8Array = new Uint8Array()) {
    if (frame[0] === SUBSCRIBE) {
      if (wanted.size <= MAX_TOPICS) wanted.add(Buffer.from(frame.subarray(1)).toString());
      void repeat();
    } else if (frame[0] !== CANCEL) {
      reject("messages", "a message that is not a subscription");
    }
  }

  try {
    await gated.listen(socket);
    openToVisitors(endpointPath(endpoint));
  } catch (error) {
    socket.close();
    await gated.close();
    throw error;
  }
  const receiving = receiveAll(socket, receive);
  return {
    publish(readings) {
      readings.forEach(remember);
      // Encoding costs more than the rest of a reading's way through the aggregator.
      if (gated.speakers > 0) readings.forEach(send);
      published += readings.length;
    },
    get status() {
      return { subscribers: gated.speakers, published };
    },
    async close() {
      closing.abort();
      socket.close();
      await receiving;
      await gated.close();
    },
  };
};

/**
 * In a directory that is closed to others, whoever was let in may subscribe: the viewer is not of the group, so that it cannot
 * deliver readings, and passes through the service's directory by an ACL.
 */
function openToVisitors(path: string): void {
  const { mode } = statSync(dirname(path));
  if ((mode & 0o007) === 0) chmodSync(path, 0o666);
}
