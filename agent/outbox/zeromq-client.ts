import { isTcp } from "../../common/hosts/tcp-endpoint.ts";
import { connectTrusted, type TrustDeps } from "../../common/wire/trusted-connection.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { type AggregatorLink, type LinkEvents, linkOver } from "./link.ts";
import { connectOverNetwork, type NetworkDeps } from "./network-client.ts";

export type { AggregatorLink, LinkEvents } from "./link.ts";

const REMEDY = "stop what is there, or give another --endpoint";

/** Opens a link over ZeroMQ, which connects and reconnects until it is closed. */
export function connectAggregator(
  endpoint: string,
  events: LinkEvents,
  deps: TrustDeps & Partial<NetworkDeps>,
): AggregatorLink {
  const { keys, ...rest } = deps;
  if (keys && isTcp(endpoint)) return connectOverNetwork(endpoint, events, { ...rest, keys });
  return connectLocally(endpoint, events, rest);
}

function connectLocally(endpoint: string, events: LinkEvents, deps: TrustDeps): AggregatorLink {
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
  const connection = connectTrusted(socket, endpoint, (fault) => events.refused(fault, REMEDY), deps);
  socket.events.on("handshake", () => events.up());
  socket.events.on("disconnect", () => events.down());
  return linkOver(socket, endpoint, (bytes) => events.message(bytes), connection);
}
