import { join } from "node:path";
import type { TestContext } from "node:test";
import { Subscriber } from "zeromq";
import { type LiveFeed, openLiveFeed } from "../../aggregator/live-feed.ts";
import type { Reading } from "../../common/model/reading.ts";
import { type Clock, systemClock } from "../../common/runtime/clock.ts";
import { decodeFeedPayload } from "../../common/wire/feed.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface FeedPlace {
  readonly clock?: Clock;
  /** Of a feed that has ended. */
  readonly endpoint?: string;
}

/** A live feed in a temporary folder, closed with the test. */
export async function startFeed(t: TestContext, { clock = systemClock, endpoint: given }: FeedPlace = {}) {
  const endpoint = given ?? `ipc://${join(await temporaryFolder(t), "live.sock")}`;
  const rejected: string[] = [];
  const feed: LiveFeed = await openLiveFeed(endpoint, { onRejected: (kind) => void rejected.push(kind), clock });
  t.after(() => feed.close());
  return { endpoint, feed, rejected };
}

/** A plain ZeroMQ subscriber that keeps what it receives, closed with the test. */
export function subscriberOf(t: TestContext, endpoint: string, ...topics: string[]) {
  const socket = new Subscriber({ linger: 0 });
  t.after(() => socket.close());
  const readings: Reading[] = [];
  void receive();
  async function receive() {
    try {
      for await (const [, payload] of socket) if (payload) readings.push(decodeFeedPayload(payload));
    } catch (error) {
      if (!socket.closed) throw error;
    }
  }
  socket.subscribe(...topics);
  socket.connect(endpoint);
  return { socket, readings };
}
