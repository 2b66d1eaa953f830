import { chmod, rm } from "node:fs/promises";
import { endpointPath } from "../../common/wire/endpoint.ts";
import { MAX_MESSAGE_BYTES } from "../../common/wire/messages.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { claimEndpoint } from "./claim-endpoint.ts";

/** Where agents come with their readings. */
export interface Receiver {
  /** Lets them come. After each message the next one waits until `take` resolves. */
  listen(take: (route: Uint8Array, message: Uint8Array) => Promise<void>): Promise<void>;
  /** Sends an answer; who is gone does not get it. */
  reply(route: Uint8Array, message: Uint8Array): void;
  close(): Promise<void>;
}

/** A connection that does not speak ZeroMQ as we do, or a message that is not in one frame. */
export type StrangerKind = "connection" | "frames";

/**
 * Claims the endpoint. `onStranger` hears of what is no message.
 *
 * @throws {EndpointError} where another program holds the endpoint, or something else stands there
 */
export async function openReceiver(
  endpoint: string,
  onStranger: (kind: StrangerKind, detail: string) => void,
): Promise<Receiver> {
  const path = endpointPath(endpoint);
  const claimed = await claimEndpoint(path);
  const { Router } = loadZeromq();
  const socket = new Router({
    backlog: 1024,
    linger: 200,
    receiveHighWaterMark: 32,
    // A longer message ends its connection before it is read; up to here it is dropped with a word in the log.
    maxMessageSize: 4 * MAX_MESSAGE_BYTES,
    // Who connects and says nothing is sent away.
    handshakeInterval: 5_000,
    heartbeatInterval: 10_000,
    heartbeatTimeout: 30_000,
  });
  const onFailedHandshake = ({ error }: { error: Error }) =>
    onStranger("connection", `it does not speak ZeroMQ (${error.message})`);
  socket.events.on("handshake:error:protocol", onFailedHandshake);
  socket.events.on("handshake:error:other", onFailedHandshake);
  let receiving = Promise.resolve();
  let answering = Promise.resolve();

  async function receive(take: (route: Uint8Array, message: Uint8Array) => Promise<void>) {
    try {
      for await (const [route, ...frames] of socket) {
        const [message] = frames;
        if (route && message && frames.length === 1) await take(route, message);
        else onStranger("frames", `a message of ${frames.length} frames`);
      }
    } catch (error) {
      // A socket that is closed while messages wait fails to receive the next one.
      if (!socket.closed) throw error;
    }
  }
  return {
    async listen(take) {
      await socket.bind(endpoint);
      // Whoever shares our group may deliver.
      await chmod(path, 0o660);
      receiving = receive(take);
    },
    reply(route, message) {
      answering = answering.then(() => socket.send([route, message]));
    },
    async close() {
      await answering;
      socket.close();
      await receiving;
      // ZeroMQ leaves it behind; while the claim holds, it is ours.
      await rm(path, { force: true });
      await claimed.release();
    },
  };
}
