import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";

/**
 * A lock on a resource of this machine, such as a device, an endpoint or an adapter: one process holds it at a time. It is a
 * listening socket in Linux's abstract namespace, so the kernel frees it when its holder dies, however it dies, and no file
 * is left behind. Processes exclude each other only within one network namespace.
 */
export interface ProcessLock {
  release(): Promise<void>;
}

/**
 * Takes the lock on a resource, or returns undefined while another process holds it. Contenders may connect to its socket
 * (`lockPath`) to learn when it is released: `onContender` receives each connection, and closes it unless given.
 */
export function tryLock(
  resource: string,
  onContender: (connection: Socket) => void = (connection) => connection.destroy(),
): Promise<ProcessLock | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(onContender);
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: lockPath(resource) }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Resolves with true if any process holds the lock on a resource. */
export function isLocked(resource: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path: lockPath(resource) });
    const finish = (isHeld: boolean) => {
      connection.destroy();
      resolve(isHeld);
    };
    connection.once("connect", () => finish(true));
    connection.once("error", () => finish(false));
  });
}

/** The socket of a lock. A hash, because abstract names are limited to 107 bytes. */
export function lockPath(resource: string): string {
  return `\0bms-${createHash("sha256").update(resource).digest("hex").slice(0, 32)}`;
}
