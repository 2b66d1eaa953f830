import type { Clock } from "../../common/runtime/clock.ts";
import { endpointPath } from "../../common/wire/endpoint.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { authenticateListeners, listenerFault } from "./authenticate-listener.ts";

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

export interface LinkDeps {
  readonly clock: Clock;
  /** Of this user. */
  readonly uid: number;
  readonly listenerFault?: typeof listenerFault;
}

/** How long a refusal lasts. */
const RECHECK_MS = 5_000;

/** Opens a link over ZeroMQ, which connects and reconnects until it is closed. */
export function connectAggregator(endpoint: string, events: LinkEvents, deps: LinkDeps): AggregatorLink {
  const { Dealer } = loadZeromq();
  const closing = new AbortController();
  const { zapDomain, ready, end } = authenticateListeners(judge);
  const socket = new Dealer({
    zapDomain,
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
  void ready.then(connectIfTrusted);

  function faultOf(peerAddress: string): string | undefined {
    return (deps.listenerFault ?? listenerFault)(endpointPath(endpoint), deps.uid, peerAddress);
  }
  /** A listener whose path is not trusted is not connected to: it could abort libzmq by hanging up during a judgement. */
  function connectIfTrusted() {
    if (isClosed) return;
    const fault = faultOf("");
    if (fault === undefined) socket.connect(endpoint);
    else refuse(fault);
  }
  function refuse(fault: string) {
    events.refused(fault);
    deps.clock.sleep(RECHECK_MS, closing.signal).then(connectIfTrusted, () => {});
  }
  function judge(peerAddress: string): "trusted" | "refused" {
    const fault = faultOf(peerAddress);
    if (fault === undefined) return "trusted";
    // ZeroMQ would try again at once.
    if (!isClosed) socket.disconnect(endpoint);
    refuse(fault);
    return "refused";
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
      end();
    },
  };
}
