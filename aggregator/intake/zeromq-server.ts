import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { MAX_MESSAGE_BYTES } from "../../common/wire/fields.ts";
import { loadZeromq, receiveAll } from "../../common/wire/zeromq.ts";
import { affordableConnections, type GateLimits, type OnRejected } from "../endpoint/gate.ts";
import { claimGatedEndpoint } from "../endpoint/gated-endpoint.ts";

/** The socket to which agents deliver. */
export interface Receiver {
  /** Accepts agents. Each message waits until `receive` has resolved for the one before it. `host`: that of its sender. */
  listen(receive: (route: Uint8Array, message: Uint8Array, host: string) => Promise<void>): Promise<void>;
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
export const MAX_FRAME_BYTES = 4 * MAX_MESSAGE_BYTES;

/** The live feed has the other quarter of the files that may be open. */
const limits = (): GateLimits => ({
  connections: affordableConnections(3 / 4, 512),
  frameBytes: MAX_FRAME_BYTES,
  displaced: "quietest",
});

/** A ROUTER socket behind a gate; each agent has a DEALER. */
export const openZeromqServer: OpenReceiver = async (endpoint, onRejected) => {
  const { Router } = loadZeromq();
  const gated = await claimGatedEndpoint(endpoint, "--endpoint", limits(), onRejected);
  const socket = new Router({
    backlog: 1024,
    linger: 200,
    receiveHighWaterMark: 32,
    maxMessageSize: MAX_FRAME_BYTES,
    // A connection without a handshake is closed after this time.
    handshakeInterval: 5_000,
    heartbeatInterval: 60_000,
    heartbeatTimeout: 30_000,
  });
  let receiving = Promise.resolve();
  let replying = Promise.resolve();

  return {
    async listen(receive) {
      await gated.listen(socket);
      receiving = receiveAll(socket, async (route, ...frames) => {
        const [message] = frames;
        if (route && message && frames.length === 1) await receive(route, message, LOCAL_HOST);
        else onRejected("frames", `a message of ${frames.length} frames`);
      });
    },
    reply(route, message) {
      replying = replying.then(() => socket.send([route, message]));
    },
    async close() {
      await replying;
      socket.close();
      await receiving;
      await gated.close();
    },
  };
};
