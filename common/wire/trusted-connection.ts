import type { Clock } from "../runtime/clock.ts";
import { authenticatePeers, listenerFault, type Peer } from "./authenticate-peers.ts";
import { endpointPath } from "./endpoint.ts";

/** A socket of ZeroMQ that is not connected yet. */
export interface ClientSocket {
  zapDomain: string | null;
  connect(endpoint: string): void;
  disconnect(endpoint: string): void;
}

export interface TrustDeps {
  readonly clock: Clock;
  /** Of this user. */
  readonly uid: number;
  readonly listenerFault?: typeof listenerFault;
}

/** A socket that is connected while the listener is trusted. */
export interface TrustedConnection {
  /** Call it after closing the socket. */
  close(): void;
}

/** How long a refusal lasts. */
const RECHECK_MS = 5_000;

/**
 * Connects a socket, which reconnects by itself, to an endpoint whose listener is trusted. Another one gets nothing and
 * delivers nothing: `refused` is called, and it is checked again every 5 s.
 */
export function connectTrusted(
  socket: ClientSocket,
  endpoint: string,
  refused: (fault: string) => void,
  deps: TrustDeps,
): TrustedConnection {
  const closing = new AbortController();
  const { zapDomain, ready, end } = authenticatePeers(judge);
  socket.zapDomain = zapDomain;
  void ready.then(connectIfTrusted);

  function faultOf(peerAddress: string): string | undefined {
    return (deps.listenerFault ?? listenerFault)(endpointPath(endpoint), deps.uid, peerAddress);
  }
  /** A listener whose path is not trusted is not connected to: it could abort libzmq by hanging up during a judgement. */
  function connectIfTrusted() {
    if (closing.signal.aborted) return;
    const fault = faultOf("");
    if (fault === undefined) socket.connect(endpoint);
    else refuse(fault);
  }
  function refuse(fault: string) {
    refused(fault);
    deps.clock.sleep(RECHECK_MS, closing.signal).then(connectIfTrusted, () => {});
  }
  function judge({ address }: Peer): "trusted" | "refused" {
    const fault = faultOf(address);
    if (fault === undefined) return "trusted";
    // ZeroMQ would try again at once.
    if (!closing.signal.aborted) socket.disconnect(endpoint);
    refuse(fault);
    return "refused";
  }
  return {
    close() {
      closing.abort();
      end();
    },
  };
}
