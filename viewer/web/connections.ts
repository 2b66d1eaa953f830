import type { Socket } from "node:net";
import { clientKey } from "./network-address.ts";

/** The open connections, within bounds. Idle ones give way to new ones, so that nobody keeps others out by connecting. */
export interface Connections {
  readonly open: number;
  add(socket: Socket): void;
  /** Marks the connection as answering a request. False if it answers one already, and for an unknown connection. */
  begin(socket: Socket): boolean;
  /** Marks the connection as idle. */
  end(socket: Socket): void;
}

/** Connections in all, and of one client. One client may be a reverse proxy, or have all pages of a house open. */
const MAX_CONNECTIONS = 256;
const MAX_OF_ONE_CLIENT = 128;

interface Connection {
  readonly client: string;
  isAnswering: boolean;
}

export function createConnections(): Connections {
  // Oldest first.
  const connections = new Map<Socket, Connection>();
  const ofClient = (client: string) => [...connections].filter(([, each]) => each.client === client);

  /** Makes room among `some` by closing the oldest idle one. */
  function makeRoom(some: Iterable<[Socket, Connection]>): boolean {
    for (const [socket, { isAnswering }] of some) {
      if (isAnswering) continue;
      connections.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  return {
    get open() {
      return connections.size;
    },
    add(socket) {
      const client = clientKey(socket.remoteAddress ?? "");
      const own = ofClient(client);
      const hasRoom =
        (own.length < MAX_OF_ONE_CLIENT || makeRoom(own)) &&
        (connections.size < MAX_CONNECTIONS || makeRoom(connections));
      if (!hasRoom) {
        socket.destroy();
        return;
      }
      connections.set(socket, { client, isAnswering: false });
      socket.once("close", () => connections.delete(socket));
    },
    begin(socket) {
      const connection = connections.get(socket);
      if (!connection || connection.isAnswering) return false;
      connection.isAnswering = true;
      return true;
    },
    end(socket) {
      const connection = connections.get(socket);
      if (connection) connection.isAnswering = false;
    },
  };
}
