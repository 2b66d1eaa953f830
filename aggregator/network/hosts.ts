import type { HostKey } from "../../common/hosts/host-key.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { formatTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import type { HostStatus } from "../../common/model/status.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { OnRejected } from "../endpoint/gate.ts";
import type { HostLedger } from "../hosts/host-ledger.ts";
import { openHostBook } from "../hosts/known-hosts-watch.ts";
import type { Ownership } from "../hosts/ownership.ts";
import type { Receiver } from "../intake/zeromq-server.ts";
import { type NetworkReceiver, openNetworkReceiver } from "./network-receiver.ts";

export interface NetworkOptions {
  /** At least one, none twice. */
  readonly endpoints: readonly TcpEndpoint[];
  /** Of this host. */
  readonly key: HostKey;
  /** The file of known hosts. */
  readonly hostsFile: string;
}

export interface NetworkDeps {
  /** The endpoint of this machine. */
  readonly local: string;
  readonly ownership: Ownership;
  readonly hostLedger: HostLedger;
  readonly onRejected: OnRejected;
  readonly clock: Clock;
  readonly log: Log;
}

/** The hosts that deliver over a network. */
export interface Hosts {
  readonly endpoints: readonly string[];
  readonly receivers: readonly Receiver[];
  /** This host, then the known ones in the order of their file. */
  status(): readonly HostStatus[];
  /** Call it after closing the receivers. */
  close(): void;
}

/** Opens the receivers of all endpoints. A change of the known hosts is in force within a second. @throws {EndpointError} */
export async function openHosts(
  { endpoints, key, hostsFile }: NetworkOptions,
  { local, ownership, hostLedger, onRejected, clock, log }: NetworkDeps,
): Promise<Hosts> {
  const receivers: NetworkReceiver[] = [];
  const recheck = () => {
    for (const receiver of receivers) receiver.recheck();
  };
  const book = openHostBook(hostsFile, { clock, log, changed: recheck });
  for (const endpoint of endpoints) {
    receivers.push(await openNetworkReceiver(endpoint, local, { key, book, clock, onRejected }));
  }
  const stopWatching = ownership.watch(clock);
  if (book.hosts.length === 0) log.warn(`no other host is known yet: sudo bmsctl pair admits one`);

  function statusOf(name: string): HostStatus {
    const since = receivers.flatMap((receiver) => receiver.connectionsOf(name));
    const connected = since.length === 0 ? {} : { connectedSince: Math.min(...since) };
    const links = name === LOCAL_HOST ? {} : { connections: since.length, ...connected };
    return { name, ...links, meters: ownership.countOf(name), ...hostLedger.of(name) };
  }
  return {
    endpoints: endpoints.map(formatTcpEndpoint),
    receivers,
    status: () => [LOCAL_HOST, ...book.hosts.map(({ name }) => name)].map(statusOf),
    close() {
      book.close();
      stopWatching();
    },
  };
}
