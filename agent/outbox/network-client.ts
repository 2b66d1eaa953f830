import type { HostKey } from "../../common/hosts/host-key.ts";
import type { PublicKey } from "../../common/hosts/public-key.ts";
import { makeRouteToken } from "../../common/hosts/route-token.ts";
import { formatTcpEndpoint, parseTcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { withSendTime } from "../../common/wire/messages.ts";
import { reach } from "../../common/wire/reach.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { connectionAttempts, type Outcome } from "./connection-attempt.ts";
import { type AggregatorLink, type LinkEvents, linkOver } from "./link.ts";

/** The keys of a link over a network: this host's own, and the one that the aggregator must have. */
export interface LinkKeys {
  readonly own: HostKey;
  readonly aggregator: PublicKey;
}

export interface NetworkDeps {
  readonly clock: Clock;
  readonly keys: LinkKeys;
  readonly reach?: typeof reach;
}

/** Pause before the next attempt: the shortest and the longest. */
const PAUSE_MS = { least: 500, most: 10_000 };
/** Attempts in a row that end during the handshake: a restart of the aggregator explains one. */
const BROKEN_LIMIT = 3;

const UNKNOWN_HOST = {
  fault: "the aggregator does not know this host, or its key was revoked",
  remedy: "run sudo bmsctl pair on the aggregator's host and sudo bmsctl join LINE here",
};
const OTHER_KEY = {
  fault: "the program there has another key than BMS_AGGREGATOR_KEY, or is not a bms-aggregator",
  remedy: "check the address; if the aggregator's host has a new key, run sudo bmsctl join LINE here again",
};
const SILENT = { fault: "connections are accepted and not answered", remedy: "look at bms-aggregator there" };

/**
 * Opens a link over TCP, encrypted and authenticated by CURVE. Each attempt looks the name up again and may find another
 * address. The routing id proves this host to the aggregator.
 */
export function connectOverNetwork(
  endpoint: string,
  events: LinkEvents,
  { clock, keys, reach: reachWith = reach }: NetworkDeps,
): AggregatorLink {
  const { Dealer } = loadZeromq();
  const target = parseTcpEndpoint(endpoint);
  const socket = new Dealer({
    // Nothing is queued before there is a connection: the outbox keeps it, in order.
    immediate: true,
    linger: 0,
    curveServerKey: keys.aggregator,
    curvePublicKey: keys.own.publicKey,
    curveSecretKey: keys.own.secretKey,
    routingId: makeRouteToken(keys.own, keys.aggregator),
    // On a slow link the newest reading waits behind everything that is queued here.
    sendHighWaterMark: 4,
    sendBufferSize: 32_768,
    receiveHighWaterMark: 256,
    maxMessageSize: 4096,
    // Each attempt is made here.
    reconnectInterval: -1,
    handshakeInterval: 30_000,
    // The kernel gives up what is not acknowledged: behind a full send buffer ZeroMQ sends no heartbeat, and misses no answer.
    tcpMaxRetransmitTimeout: 45_000,
    // Keeps the entry in a router's NAT table, and replaces a link that died silently after 60 s.
    heartbeatInterval: 30_000,
    heartbeatTimeout: 30_000,
  });
  const closing = new AbortController();
  const { signal } = closing;
  const attempt = connectionAttempts(socket, { clock, signal, up: events.up, down: events.down });
  void keepConnected();

  async function keepConnected() {
    let failures = 0;
    let broken = 0;
    while (!signal.aborted) {
      const outcome = await connectOnce();
      if (signal.aborted) return;
      failures = outcome === "ended" ? 0 : failures + 1;
      broken = outcome === "broken" ? broken + 1 : 0;
      if (outcome === "unknown-host") events.refused(UNKNOWN_HOST.fault, UNKNOWN_HOST.remedy);
      if (broken >= BROKEN_LIMIT) events.refused(OTHER_KEY.fault, OTHER_KEY.remedy);
      if (outcome === "silent") events.unreachable(SILENT.fault, SILENT.remedy);
      await clock.sleep(Math.min(PAUSE_MS.most, PAUSE_MS.least * 2 ** failures), signal).catch(() => {});
    }
  }
  async function connectOnce(): Promise<Outcome | "unreachable"> {
    const reached = await reachWith(target, { clock, signal });
    if (signal.aborted) return "ended";
    if ("address" in reached) return attempt(formatTcpEndpoint({ host: reached.address, port: target.port }));
    events.unreachable(reached.fault, reached.remedy);
    return "unreachable";
  }
  const link = linkOver(socket, endpoint, (bytes) => events.message(bytes), { close: () => closing.abort() });
  return { ...link, send: (message) => link.send(withSendTime(message, clock.now())) };
}
