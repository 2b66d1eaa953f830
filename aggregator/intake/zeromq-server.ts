import { chmod, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { endpointPath } from "../../common/wire/endpoint.ts";
import { MAX_MESSAGE_BYTES } from "../../common/wire/fields.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { bindError, claimEndpoint } from "./claim-endpoint.ts";
import { createGate, type OnRejected } from "./gate.ts";

/** The socket to which agents deliver. */
export interface Receiver {
  /** Accepts agents. Each message waits until `receive` has resolved for the one before it. */
  listen(receive: (route: Uint8Array, message: Uint8Array) => Promise<void>): Promise<void>;
  /** Sends a message by the route of a received one; dropped if that agent is gone. */
  reply(route: Uint8Array, message: Uint8Array): void;
  close(): Promise<void>;
}

/**
 * Claims an endpoint. `onRejected` is called for whatever is not a message in one frame.
 *
 * @throws {EndpointError} if another program has the endpoint, or another file is in its place
 */
export type OpenReceiver = (endpoint: string, onRejected: OnRejected) => Promise<Receiver>;

/** ZeroMQ closes the connection of a longer message unread; one up to this length is rejected and counted. */
const MAX_FRAME_BYTES = 4 * MAX_MESSAGE_BYTES;

/** A ROUTER socket behind a gate; each agent has a DEALER. */
export const openZeromqServer: OpenReceiver = async (endpoint, onRejected) => {
  const path = endpointPath(endpoint);
  const claim = await claimEndpoint(path);
  const { Router } = loadZeromq();
  const socket = new Router({
    backlog: 1024,
    linger: 200,
    receiveHighWaterMark: 32,
    maxMessageSize: MAX_FRAME_BYTES,
    // A connection without a handshake is closed after this time.
    handshakeInterval: 5_000,
    heartbeatInterval: 10_000,
    heartbeatTimeout: 30_000,
  });
  const onFailedHandshake = ({ error }: { error: Error }) =>
    onRejected("connection", `it does not speak ZeroMQ (${error.message})`);
  socket.events.on("handshake:error:protocol", onFailedHandshake);
  socket.events.on("handshake:error:other", onFailedHandshake);
  const inner = join(dirname(path), `.${basename(path)}`);
  const gate = createGate(inner, MAX_FRAME_BYTES, onRejected);
  let receiving = Promise.resolve();
  let replying = Promise.resolve();

  async function receiveAll(receive: (route: Uint8Array, message: Uint8Array) => Promise<void>) {
    try {
      for await (const [route, ...frames] of socket) {
        const [message] = frames;
        if (route && message && frames.length === 1) await receive(route, message);
        else onRejected("frames", `a message of ${frames.length} frames`);
      }
    } catch (error) {
      // zeromq throws from its iterator when the socket is closed while messages wait.
      if (!socket.closed) throw error;
    }
  }
  /** Nobody else may connect past the gate. */
  function bindPrivately(to: string) {
    const before = process.umask(0o177);
    try {
      socket.bindSync(`ipc://${to}`);
    } finally {
      process.umask(before);
    }
  }
  return {
    async listen(receive) {
      try {
        bindPrivately(inner);
        await rm(path, { force: true });
        await gate.listen(path);
        // Members of the group may deliver.
        await chmod(path, 0o660);
      } catch (error) {
        throw bindError(path, error);
      }
      receiving = receiveAll(receive);
    },
    reply(route, message) {
      replying = replying.then(() => socket.send([route, message]));
    },
    async close() {
      await replying;
      socket.close();
      await receiving;
      gate.close();
      // ZeroMQ leaves its socket file behind. While the claim holds, nobody else uses these.
      for (const file of [path, inner]) await rm(file, { force: true });
      await claim.release();
    },
  };
};
