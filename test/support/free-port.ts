import { once } from "node:events";
import { createServer, type ListenOptions, type Server } from "node:net";

/** Linux gives the ports from 32768 on to clients, and to servers that listen on port 0. */
const FIRST = 10_240;
const COUNT = 20_000;

let next = Math.floor(Math.random() * COUNT);

/**
 * A port that nobody listens on, and that no other test is given until this process ends: the socket in Linux's abstract
 * namespace is the reservation.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    const reservation = await listening({ path: `\0bms-test-port-${port}` });
    if (!reservation) continue;
    reservation.unref();
    const probe = await listening({ port });
    if (!probe) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** A server that listens there; undefined if another one does. */
async function listening(options: ListenOptions): Promise<Server | undefined> {
  const server = createServer();
  try {
    await once(server.listen(options), "listening");
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}
