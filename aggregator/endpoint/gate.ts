import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createFrameCheck } from "./frame-check.ts";

/** The public socket of an endpoint, in front of the one of ZeroMQ. */
export interface Gate {
  /** @throws {Error} of the system */
  listen(path: string): Promise<void>;
  /** Connections that have sent a message or a subscription. */
  readonly speakers: number;
  close(): void;
}

export interface GateLimits {
  /** Connections at the same time. */
  readonly connections: number;
  /** Longest frame, in bytes. */
  readonly frameBytes: number;
  /**
   * The connection that is closed for one beyond the limit. `quietest`: without a message for longest, so that those that
   * only connect displace each other, and not an agent that delivers. `silent`: the oldest that has never sent a message or
   * subscription; where there is none, the new one.
   */
  readonly displaced: "quietest" | "silent";
  /** Messages and subscriptions of one connection in its whole life; more close it. Default: any number. */
  readonly messages?: number;
  /** Rate at which one connection is read. Default: as fast as it sends. */
  readonly bytesPerSecond?: number;
}

export type OnRejected = (
  kind: "connection" | "connections" | "frames" | "oversize" | "messages" | "key" | "host",
  detail: string,
) => void;

/** Files that a connection costs where all are open: three, and one is spare. */
const DESCRIPTORS_EACH = 4;
/** Connections that wait to be accepted. */
const BACKLOG = 1024;
/** Files and sockets that the program itself has open. */
const OWN_DESCRIPTORS = 48;
/** Shortest pause of a connection whose rate is limited, ms: it could send byte by byte. */
const LEAST_PAUSE_MS = 10;

interface Client {
  readonly socket: Socket;
  /** Order of its latest message among those of all clients; 0 before the first. */
  lastMessage: number;
}

/**
 * Passes on connections to ZeroMQ's own socket, which has no bound for the frames of a message, for the number of its
 * connections or their subscriptions, and aborts the process when it cannot open another file.
 */
export function createGate(inner: string, limits: GateLimits, onRejected: OnRejected): Gate {
  const clients = new Set<Client>();
  let order = 0;

  const server = createServer((socket) => {
    if (clients.size >= limits.connections && !makeRoom()) return void socket.on("error", () => {}).destroy();
    const client: Client = { socket, lastMessage: 0 };
    clients.add(client);
    const upstream = connect(inner);
    const frames = createFrameCheck(limits.frameBytes);
    let pause: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(pause);
      clients.delete(client);
      socket.destroy();
      upstream.destroy();
    };
    const reject = (kind: Parameters<OnRejected>[0], detail: string) => {
      onRejected(kind, detail);
      end();
    };
    const read = () => {
      if (!pause && !upstream.writableNeedDrain) socket.resume();
    };
    for (const each of [socket, upstream]) each.on("error", end).once("close", end);
    socket.on("data", (chunk) => {
      // A stream delivers what it has buffered also after its end.
      if (socket.destroyed) return;
      const seen = frames.messages;
      const fault = frames.check(chunk);
      if (fault) return reject(fault.kind, fault.detail);
      if (limits.messages !== undefined && frames.messages > limits.messages)
        return reject("messages", `more than ${limits.messages} by one connection`);
      if (frames.messages > seen) {
        order += 1;
        client.lastMessage = order;
      }
      if (!upstream.write(chunk)) socket.pause();
      if (limits.bytesPerSecond === undefined) return;
      socket.pause();
      pause = setTimeout(
        () => {
          pause = undefined;
          read();
        },
        Math.max(LEAST_PAUSE_MS, (chunk.length * 1000) / limits.bytesPerSecond),
      );
    });
    upstream.on("drain", read);
    socket.on("end", () => upstream.end());
    upstream.pipe(socket);
  });
  // Out of descriptors: Node accepts again when there are some.
  server.on("error", (error) => onRejected("connection", error.message));

  /** False if the new connection is the one that has to go. */
  function makeRoom(): boolean {
    let quietest: Client | undefined;
    for (const client of clients) if (!quietest || client.lastMessage < quietest.lastMessage) quietest = client;
    const isDisplaced = limits.displaced === "quietest" || quietest?.lastMessage === 0;
    const closed = isDisplaced ? "the one without a message for longest" : "the new one";
    onRejected("connections", `more than ${limits.connections}: ${closed} is closed`);
    if (!quietest || !isDisplaced) return false;
    clients.delete(quietest);
    quietest.socket.destroy();
    return true;
  }
  return {
    async listen(path) {
      server.listen({ path, backlog: BACKLOG });
      await once(server, "listening");
    },
    get speakers() {
      let count = 0;
      for (const { lastMessage } of clients) if (lastMessage > 0) count += 1;
      return count;
    },
    close() {
      server.close();
      for (const { socket } of clients) socket.destroy();
    },
  };
}

/** Connections, at most `most`, for which a share of the files that this process may open is enough. */
export function affordableConnections(share: number, most: number): number {
  const [, files] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  const room = Math.floor(((Number(files ?? 1024) - OWN_DESCRIPTORS) * share) / DESCRIPTORS_EACH);
  return Math.max(2, Math.min(most, room));
}
