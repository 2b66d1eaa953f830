import { loadZeromq } from "../../common/wire/zeromq.ts";

/** The way to the aggregator, as it comes and goes. */
export interface AggregatorLink {
  readonly endpoint: string;
  /** Resolves when the message is on its way, which is no promise that it arrives, or the link is closed. One at a time. */
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export interface LinkEvents {
  up(): void;
  down(): void;
  message(bytes: Uint8Array): void;
}

/** A link over ZeroMQ, which connects and reconnects by itself for as long as it is open. */
export function connectDealer(endpoint: string, events: LinkEvents): AggregatorLink {
  const { Dealer } = loadZeromq();
  const socket = new Dealer({
    // Nothing is handed to a connection that does not exist yet: the outbox keeps it, in order.
    immediate: true,
    linger: 0,
    sendHighWaterMark: 16,
    receiveHighWaterMark: 256,
    maxMessageSize: 4096,
    reconnectInterval: 100,
    reconnectMaxInterval: 2_000,
    handshakeInterval: 10_000,
    // A frozen aggregator keeps its connections open; without an answer to these the link is made anew.
    heartbeatInterval: 10_000,
    heartbeatTimeout: 30_000,
  });
  let isClosed = false;

  socket.events.on("handshake", () => events.up());
  socket.events.on("disconnect", () => events.down());
  void receive();
  socket.connect(endpoint);

  async function receive() {
    try {
      for await (const [bytes] of socket) {
        if (bytes) events.message(bytes);
      }
    } catch (error) {
      // A socket that is closed while messages wait fails to receive the next one.
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
      socket.close();
    },
  };
}
