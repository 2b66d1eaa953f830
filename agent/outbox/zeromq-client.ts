import { connectTrusted, type TrustDeps } from "../../common/wire/trusted-connection.ts";
import { isPassing, loadZeromq, receiveAll } from "../../common/wire/zeromq.ts";

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
  /** Called when the listener is not trusted. It gets nothing, and is checked again every 5 s. */
  refused(fault: string): void;
}

/** Opens a link over ZeroMQ, which connects and reconnects until it is closed. */
export function connectAggregator(endpoint: string, events: LinkEvents, deps: TrustDeps): AggregatorLink {
  const { Dealer } = loadZeromq();
  const socket = new Dealer({
    // Nothing is queued before there is a connection: the outbox keeps it, in order.
    immediate: true,
    linger: 0,
    sendHighWaterMark: 16,
    receiveHighWaterMark: 256,
    maxMessageSize: 4096,
    reconnectInterval: 100,
    reconnectMaxInterval: 2_000,
    handshakeInterval: 10_000,
    // A frozen aggregator keeps its connections open. Without replies to heartbeats the link is replaced after 90 s.
    heartbeatInterval: 60_000,
    heartbeatTimeout: 30_000,
  });
  const connection = connectTrusted(socket, endpoint, events.refused, deps);
  let isClosed = false;

  socket.events.on("handshake", () => events.up());
  socket.events.on("disconnect", () => events.down());
  void receiveAll(socket, (bytes) => {
    if (bytes) events.message(bytes);
  });
  return {
    endpoint,
    async send(message) {
      while (!isClosed) {
        try {
          return await socket.send(message);
        } catch (error) {
          if (!isClosed && !isPassing(error)) throw error;
        }
      }
    },
    close() {
      isClosed = true;
      socket.close();
      connection.close();
    },
  };
}
