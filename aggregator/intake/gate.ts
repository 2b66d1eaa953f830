import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { createFrameCheck } from "./frame-check.ts";

/** The public socket of the aggregator, in front of the one of ZeroMQ. */
export interface Gate {
  /** @throws {Error} of the system */
  listen(path: string): Promise<void>;
  close(): void;
}

export type OnRejected = (kind: "connection" | "connections" | "frames" | "oversize", detail: string) => void;

/** Connections that are kept where the limit of open files allows so many; each costs three of them, and one is spare. */
const MAX_CONNECTIONS = 512;
const DESCRIPTORS_EACH = 4;
/** Connections that wait to be accepted. */
const BACKLOG = 1024;
/** Files and sockets that the program itself has open. */
const OWN_DESCRIPTORS = 48;

interface Client {
  readonly socket: Socket;
  /** Order of its latest message among those of all clients; 0 before the first. */
  lastMessage: number;
}

/**
 * Passes on connections to ZeroMQ's own socket, which has no bound for the frames of a message or for the number of its
 * connections, and aborts the process when it cannot open another file. Beyond the limit the client is closed that has sent
 * no message, or none for longest: those that only connect displace each other, and not an agent that delivers.
 */
export function createGate(inner: string, maxFrameBytes: number, onRejected: OnRejected, limit = ownLimit()): Gate {
  const clients = new Set<Client>();
  let order = 0;

  const server = createServer((socket) => {
    if (clients.size >= limit) closeOldest();
    const client: Client = { socket, lastMessage: 0 };
    clients.add(client);
    const upstream = connect(inner);
    const frames = createFrameCheck(maxFrameBytes);
    let seen = 0;
    const end = () => {
      clients.delete(client);
      socket.destroy();
      upstream.destroy();
    };
    for (const each of [socket, upstream]) each.on("error", end).once("close", end);
    socket.on("data", (chunk) => {
      const fault = frames.check(chunk);
      if (fault) {
        onRejected(fault.kind, fault.detail);
        return end();
      }
      if (frames.messages > seen) {
        seen = frames.messages;
        order += 1;
        client.lastMessage = order;
      }
      if (!upstream.write(chunk)) socket.pause();
    });
    upstream.on("drain", () => socket.resume());
    socket.on("end", () => upstream.end());
    upstream.pipe(socket);
  });
  // Out of descriptors: Node accepts again when there are some.
  server.on("error", (error) => onRejected("connection", error.message));

  function closeOldest() {
    let oldest: Client | undefined;
    for (const client of clients) if (!oldest || client.lastMessage < oldest.lastMessage) oldest = client;
    if (!oldest) return;
    clients.delete(oldest);
    oldest.socket.destroy();
    onRejected("connections", `more than ${limit}: the one without a message for longest is closed`);
  }
  return {
    async listen(path) {
      server.listen({ path, backlog: BACKLOG });
      await once(server, "listening");
    },
    close() {
      server.close();
      for (const { socket } of clients) socket.destroy();
    },
  };
}

/** Connections for which this process may open enough files. */
function ownLimit(): number {
  const [, files] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  const room = Math.floor((Number(files ?? 1024) - OWN_DESCRIPTORS) / DESCRIPTORS_EACH);
  return Math.max(2, Math.min(MAX_CONNECTIONS, room));
}
