import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { KnownHost } from "../../common/hosts/known-hosts.ts";
import type { TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { OnRejected } from "../endpoint/gate.ts";
import { commandName, createHandshakeReader, type HandshakeReader } from "./handshake.ts";

/** The public socket of an endpoint on the network, in front of the one of ZeroMQ. */
export interface NetworkGate {
  /** @throws {Error} of the system */
  listen(endpoint: TcpEndpoint): Promise<void>;
  /** Names the host whose key ZeroMQ is just asking about. */
  judged(host: KnownHost | undefined): void;
  /** Closes the connections of hosts that are not among these, under their names. */
  retain(hosts: readonly KnownHost[]): void;
  /** The moments at which the present connections of a host were made, ms since the Unix epoch. */
  connectionsOf(host: string): readonly number[];
  close(): void;
}

export interface NetworkLimits {
  /** Connections that have proved their host. */
  readonly connections: number;
  /** Connections that have not yet. */
  readonly strangers: number;
}

/** Connections that wait to be accepted. */
const BACKLOG = 1024;
/** Time for a handshake: five round trips of a link that is slow and loses packets. */
const HANDSHAKE_MS = 30_000;
/** ZeroMQ answers in a millisecond. */
const JUDGEMENT_MS = 5_000;
/** An agent sends a heartbeat every 30 s. */
const SILENCE_MS = 150_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * `greeting`: up to the client's last command of the handshake. `waiting`: that command is held back. `judging`: ZeroMQ has it
 * and asks about the client's key. `admitted`: it proved to be a known host.
 */
type State = "greeting" | "waiting" | "judging" | "admitted";

interface Client {
  readonly socket: Socket;
  readonly upstream: Socket;
  readonly address: string;
  readonly since: number;
  state: State;
  host?: KnownHost | undefined;
  /** The last command of its handshake, while it waits. */
  proof?: Uint8Array;
  /** Order of its latest bytes among those of all clients. */
  lastBytes: number;
}

/**
 * Passes connections on to ZeroMQ's own socket. ZeroMQ has no bound for their number, does not say which key a connection
 * has, and may abort the process if a client hangs up while it asks about the key (libzmq 4.3.5, stream_engine_base.cpp,
 * `_mechanism != NULL`; seen on connecting sockets): so they are judged one at a time, and ZeroMQ's side stays open until its
 * answer has come.
 */
export function createNetworkGate(
  inner: string,
  limits: NetworkLimits,
  { clock, onRejected }: { readonly clock: Clock; readonly onRejected: OnRejected },
): NetworkGate {
  const clients = new Set<Client>();
  const queue: Client[] = [];
  let judging: Client | undefined;
  let cancelJudgement = () => {};
  let order = 0;

  const server = createServer((socket) => {
    if (count(isStranger) >= limits.strangers) makeRoomForStranger();
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    const upstream = connect(inner);
    const address = socket.remoteAddress ?? "";
    order += 1;
    const client: Client = { socket, upstream, address, since: clock.now(), state: "greeting", lastBytes: order };
    clients.add(client);
    const cancelHandshake = clock.timer(HANDSHAKE_MS, () => {
      if (client.state === "admitted") return;
      onRejected("connection", `no handshake within ${HANDSHAKE_MS / 1000} s`);
      leave(client);
    });
    const ended = () => {
      cancelHandshake();
      leave(client);
    };
    // A probe says nothing and hangs up. A client whose mechanism is another one may leave before it has named it.
    const hungUp = () => {
      if (client.state === "greeting" && socket.bytesRead > 0 && clients.has(client))
        onRejected("connection", "it hung up in its handshake");
      ended();
    };
    socket.on("error", hungUp).once("close", hungUp).once("end", hungUp);
    socket.setTimeout(SILENCE_MS, ended);
    upstream
      .on("error", () => {})
      .once("close", () => {
        if (client.state === "greeting" && clients.has(client))
          onRejected("connection", "its handshake failed: it has another key for this aggregator");
        if (judging === client) decided();
        ended();
      });
    follow(client);
  });
  // Out of descriptors: Node accepts again when there are some.
  server.on("error", (error) => onRejected("connection", error.message));

  function follow(client: Client) {
    const { socket, upstream } = client;
    let ours: HandshakeReader | undefined = createHandshakeReader();
    let theirs: HandshakeReader | undefined = createHandshakeReader();
    const pass = (from: Socket, to: Socket, bytes: Uint8Array) => {
      if (bytes.length > 0 && !to.destroyed && !to.write(bytes)) from.pause();
    };
    socket.on("drain", () => upstream.resume());
    upstream.on("drain", () => socket.resume());
    socket.on("data", (chunk) => {
      if (!clients.has(client)) return;
      order += 1;
      client.lastBytes = order;
      if (client.state === "admitted") return pass(socket, upstream, chunk);
      const part = theirs?.read(chunk) ?? "bytes behind the end of its handshake";
      if (typeof part === "string") {
        onRejected("connection", part);
        return leave(client);
      }
      pass(socket, upstream, part.greeting);
      for (const frame of part.frames) {
        if (commandName(frame) !== "INITIATE") {
          pass(socket, upstream, frame);
          continue;
        }
        theirs = undefined;
        client.proof = frame;
        client.state = "waiting";
        queue.push(client);
      }
      judgeNext();
    });
    upstream.on("data", (chunk) => {
      pass(upstream, socket, chunk);
      if (!ours) return;
      const part = ours.read(chunk);
      if (typeof part === "string") return leave(client);
      const last = part.frames.map(commandName).find((name) => name === "READY" || name === "ERROR");
      if (last === undefined) return;
      ours = undefined;
      if (judging === client) decided();
      if (last === "READY") admit(client);
    });
  }
  function judgeNext() {
    if (judging) return;
    const next = queue.shift();
    if (!next) return;
    judging = next;
    next.state = "judging";
    cancelJudgement = clock.timer(JUDGEMENT_MS, decided);
    next.upstream.write(next.proof ?? "");
  }
  /** ZeroMQ has answered the client, or closed its side. */
  function decided() {
    cancelJudgement();
    const client = judging;
    judging = undefined;
    if (client && !clients.has(client)) client.upstream.destroy();
    judgeNext();
  }
  function admit(client: Client) {
    if (!clients.has(client)) return;
    client.state = "admitted";
    if (count((each) => !isStranger(each)) <= limits.connections) return;
    const quietest = least((each) => (isStranger(each) ? Number.POSITIVE_INFINITY : each.lastBytes));
    onRejected("connections", `more than ${limits.connections}: the one that has been silent for longest is closed`);
    if (quietest) leave(quietest);
  }
  /** Closes a client's connection. ZeroMQ's side of one that is being judged is closed when that is decided. */
  function leave(client: Client) {
    if (!clients.delete(client)) return;
    client.socket.destroy();
    const at = queue.indexOf(client);
    if (at >= 0) queue.splice(at, 1);
    if (judging !== client) client.upstream.destroy();
  }
  /** The oldest connection of the address that has most of them goes. */
  function makeRoomForStranger() {
    const byAddress = new Map<string, Client[]>();
    for (const client of clients) {
      if (isStranger(client)) byAddress.set(client.address, [...(byAddress.get(client.address) ?? []), client]);
    }
    const [most] = [...byAddress.values()].sort((a, b) => b.length - a.length);
    onRejected("connections", `more than ${limits.strangers} that have not proved their host: the oldest is closed`);
    if (most?.[0]) leave(most[0]);
  }
  function count(isCounted: (client: Client) => boolean) {
    let total = 0;
    for (const client of clients) if (isCounted(client)) total += 1;
    return total;
  }
  function least(measure: (client: Client) => number): Client | undefined {
    let found: Client | undefined;
    for (const client of clients) if (!found || measure(client) < measure(found)) found = client;
    return found;
  }
  return {
    async listen({ host, port }) {
      server.listen({ host, port, backlog: BACKLOG, ipv6Only: false });
      await once(server, "listening");
    },
    judged(host) {
      if (judging) judging.host = host;
    },
    retain(hosts) {
      const isKnown = ({ host }: Client) =>
        hosts.some(({ name, publicKey }) => name === host?.name && publicKey === host.publicKey);
      for (const client of [...clients]) if (client.host && !isKnown(client)) leave(client);
    },
    connectionsOf(host) {
      return [...clients]
        .filter((each) => each.state === "admitted" && each.host?.name === host)
        .map(({ since }) => since);
    },
    close() {
      server.close();
      for (const client of [...clients]) {
        client.upstream.destroy();
        leave(client);
      }
    },
  };
}

function isStranger({ state }: Client): boolean {
  return state !== "admitted";
}
