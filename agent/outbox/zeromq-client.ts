import type { Clock } from "../../common/runtime/clock.ts";
import { endpointPath } from "../../common/wire/endpoint.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { authenticateListeners, listenerFault, ZAP_ENDPOINT } from "./authenticate-listener.ts";

/** A link to the aggregator, which may be down. */
export interface AggregatorLink {
  readonly endpoint: string;
  /** Resolves when ZeroMQ has taken the message, which may still be lost, or when the link is closed. One call at a time. */
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export interface LinkEvents {
  up(): void;
  down(): void;
  message(bytes: Uint8Array): void;
  /** What listens at the endpoint is not trusted, and gets nothing; it is checked again from time to time. */
  refused(fault: string): void;
}

export interface LinkDeps {
  readonly clock: Clock;
  /** Of this user. */
  readonly uid: number;
  readonly listenerFault?: typeof listenerFault;
}

/** How long a refusal lasts. Shorter than `handshakeInterval`. */
const RECHECK_MS = 5_000;

/** Opens a link over ZeroMQ, which connects and reconnects until it is closed. */
export function connectAggregator(endpoint: string, events: LinkEvents, deps: LinkDeps): AggregatorLink {
  const { Context, Dealer, Reply } = loadZeromq();
  // The handler of a context decides for all its sockets.
  const context = new Context();
  const handler = new Reply({ context, linger: 0 });
  const closing = new AbortController();
  const socket = new Dealer({
    context,
    // Any domain: without one ZeroMQ does not ask the handler.
    zapDomain: "bms",
    // Nothing is queued before there is a connection: the outbox keeps it, in order.
    immediate: true,
    linger: 0,
    sendHighWaterMark: 16,
    receiveHighWaterMark: 256,
    maxMessageSize: 4096,
    reconnectInterval: 100,
    reconnectMaxInterval: 2_000,
    handshakeInterval: 10_000,
    // A frozen aggregator keeps its connections open. Without replies to heartbeats the link is replaced.
    heartbeatInterval: 10_000,
    heartbeatTimeout: 30_000,
  });
  let isClosed = false;

  socket.events.on("handshake", () => events.up());
  socket.events.on("disconnect", () => events.down());
  void receive();
  void authenticate();

  async function authenticate() {
    try {
      await handler.bind(ZAP_ENDPOINT);
      if (!isClosed) socket.connect(endpoint);
      await authenticateListeners(handler, refusalOf);
    } catch (error) {
      if (!isClosed) throw error;
    }
  }
  async function refusalOf(peerAddress: string): Promise<string | undefined> {
    const fault = (deps.listenerFault ?? listenerFault)(endpointPath(endpoint), deps.uid, peerAddress);
    if (fault === undefined) return undefined;
    events.refused(fault);
    // ZeroMQ would try again at once.
    await deps.clock.sleep(RECHECK_MS, closing.signal);
    return fault;
  }

  async function receive() {
    try {
      for await (const [bytes] of socket) {
        if (bytes) events.message(bytes);
      }
    } catch (error) {
      // Closing the socket ends a pending receive with an error.
      if (!isClosed) throw error;
    }
  }
  return {
    endpoint,
    async send(message) {
      try {
        await socket.send(message);
      } catch (error) {
        if (!isClosed) throw error;
      }
    },
    close() {
      isClosed = true;
      closing.abort();
      socket.close();
      handler.close();
    },
  };
}
