import { chmod, rm } from "node:fs/promises";
import type { Reading } from "../common/model/reading.ts";
import { endpointPath } from "../common/wire/endpoint.ts";
import { encodeFeedMessage } from "../common/wire/feed.ts";
import { loadZeromq } from "../common/wire/zeromq.ts";
import { bindError, claimEndpoint } from "./intake/claim-endpoint.ts";

/** The socket on which every new reading is published. */
export interface LiveFeed {
  /** Publishes readings. Nothing waits for it: a subscriber that does not keep up loses messages. */
  publish(readings: readonly Reading[]): void;
  close(): Promise<void>;
}

/** Messages that wait for one subscriber. */
const HIGH_WATER_MARK = 4_000;

/**
 * Claims the endpoint and publishes on it.
 *
 * @throws {EndpointError} if another program has the endpoint, or another file is in its place
 */
export async function openLiveFeed(endpoint: string): Promise<LiveFeed> {
  const path = endpointPath(endpoint);
  const claim = await claimEndpoint(path);
  const { Publisher } = loadZeromq();
  const socket = new Publisher({ linger: 0, sendHighWaterMark: HIGH_WATER_MARK, handshakeInterval: 5_000 });
  try {
    await rm(path, { force: true });
    await socket.bind(endpoint);
    // Members of the group may subscribe.
    await chmod(path, 0o660);
  } catch (error) {
    throw bindError(path, error);
  }
  return {
    publish(readings) {
      for (const reading of readings) {
        const { topic, payload } = encodeFeedMessage(reading);
        void socket.send([topic, payload]);
      }
    },
    async close() {
      socket.close();
      await rm(path, { force: true });
      await claim.release();
    },
  };
}
