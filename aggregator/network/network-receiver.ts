import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostKey } from "../../common/hosts/host-key.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { verifyRouteToken } from "../../common/hosts/route-token.ts";
import { formatTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { encodeZ85 } from "../../common/hosts/z85.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { authenticatePeers, type Peer } from "../../common/wire/authenticate-peers.ts";
import { EndpointError, endpointPath } from "../../common/wire/endpoint.ts";
import { loadZeromq, receiveAll } from "../../common/wire/zeromq.ts";
import { affordableConnections, type OnRejected } from "../endpoint/gate.ts";
import { bindPrivately } from "../endpoint/gated-endpoint.ts";
import type { HostBook } from "../hosts/known-hosts-watch.ts";
import { MAX_FRAME_BYTES, type Receiver } from "../intake/zeromq-server.ts";
import { createNetworkGate, type NetworkGate } from "./network-gate.ts";

/** The socket to which agents of other hosts deliver. */
export interface NetworkReceiver extends Receiver, Pick<NetworkGate, "connectionsOf"> {
  /** Closes the connections of hosts that are not known any more, under their names. */
  recheck(): void;
}

export interface NetworkReceiverDeps {
  readonly key: HostKey;
  readonly book: HostBook;
  readonly clock: Clock;
  /** Called for whatever is not a message of a known host. */
  readonly onRejected: OnRejected;
}

/** Connections of strangers at the same time. */
const STRANGERS = 64;
/** Routes of which the host is remembered: as many as there are connections, and those of agents that were restarted. */
const MAX_ROUTES = 1_024;

/**
 * A ROUTER with CURVE behind a gate. `local`: the endpoint on this machine, beside which ZeroMQ's own socket is.
 *
 * @throws {EndpointError} if it cannot listen there
 */
export async function openNetworkReceiver(
  endpoint: TcpEndpoint,
  local: string,
  { key, book, clock, onRejected }: NetworkReceiverDeps,
): Promise<NetworkReceiver> {
  const { Router } = loadZeromq();
  const inner = join(dirname(endpointPath(local)), `.tcp-${endpoint.port}`);
  const limits = { connections: affordableConnections(1 / 4, 256), strangers: STRANGERS };
  const gate = createNetworkGate(inner, limits, { clock, onRejected });
  const authentication = authenticatePeers(judge);
  const socket = new Router({
    curveServer: true,
    curveSecretKey: key.secretKey,
    zapDomain: authentication.zapDomain,
    // An agent that connects again comes with the same route before the old connection is known to be dead.
    handover: true,
    backlog: 1024,
    linger: 200,
    receiveHighWaterMark: 32,
    maxMessageSize: MAX_FRAME_BYTES,
    handshakeInterval: 60_000,
  });
  const hostByRoute = new Map<string, string>();
  let receiving = Promise.resolve();
  let replying = Promise.resolve();

  function judge(peer: Peer): "trusted" | "refused" {
    const publicKey = peer.key && encodeZ85(peer.key);
    const host = publicKey === undefined ? undefined : book.byKey(publicKey);
    gate.judged(host);
    if (host) return "trusted";
    const name = publicKey === undefined ? "none" : fingerprint(publicKey);
    onRejected("key", `the key ${name} is not of a known host: sudo bmsctl pair admits one`);
    return "refused";
  }
  /** The host that a route proves; undefined for one that proves none. */
  function hostOf(route: Uint8Array): string | undefined {
    const text = Buffer.from(route).toString("latin1");
    const known = hostByRoute.get(text);
    if (known !== undefined) return known;
    const host = verifyRouteToken(route, key, book.hosts)?.name;
    if (host === undefined) return undefined;
    if (hostByRoute.size >= MAX_ROUTES) hostByRoute.clear();
    hostByRoute.set(text, host);
    return host;
  }
  return {
    async listen(receive) {
      try {
        bindPrivately(socket, inner);
        await authentication.ready;
        await gate.listen(endpoint);
      } catch (error) {
        throw listenError(endpoint, error);
      }
      receiving = receiveAll(socket, async (route, ...frames) => {
        const [message] = frames;
        if (!route || !message || frames.length !== 1)
          return onRejected("frames", `a message of ${frames.length} frames`);
        const host = hostOf(route);
        if (host === undefined) return onRejected("host", "a message whose route does not prove its host");
        await receive(route, message, host);
      });
    },
    reply(route, message) {
      replying = replying.then(() => socket.send([route, message]));
    },
    connectionsOf: gate.connectionsOf,
    recheck() {
      hostByRoute.clear();
      gate.retain(book.hosts);
    },
    async close() {
      gate.close();
      await replying;
      socket.close();
      await receiving;
      authentication.end();
      rmSync(inner, { force: true });
    },
  };
}

function listenError(endpoint: TcpEndpoint, error: unknown): EndpointError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES.get(code) ?? "choose another --endpoint";
  return new EndpointError(`cannot listen on ${formatTcpEndpoint(endpoint)} (${code || message}): ${remedy}`, {
    cause: error,
  });
}

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "another program listens there: stop it, or choose another port"],
  ["EADDRNOTAVAIL", "this machine does not have the address: tcp://0.0.0.0:8471 listens on all"],
  ["EACCES", "ports below 1024 are for root: choose another one"],
  ["EAFNOSUPPORT", "this service may not use the network: sudo bmsctl pair opens it"],
  ["EPERM", "this service may not use the port: sudo bmsctl pair opens it"],
]);
