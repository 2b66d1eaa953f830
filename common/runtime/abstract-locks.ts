import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { type Locks, lockName, MAX_CONTENDERS, type OnContender, type ProcessLock } from "./process-lock.ts";
import { randomName } from "./random-name.ts";

/**
 * Locks in Linux's abstract namespace of sockets: a lock is a listening socket, and no file is left behind. They need no
 * directory and have no permissions, so any user of the machine can hold one. Processes exclude each other only within one
 * network namespace.
 */
export const abstractLocks: Locks = {
  exclusive: (resource) => lockAlone(resource, (connection) => connection.destroy()),
  async shared(resource) {
    const name = socketName(resource);
    const lock = await listen(`${name}-${randomName(Math.random)}`, (connection) => connection.destroy());
    return unlessListening((other) => other === name, lock);
  },
  queued: lockAlone,
  socketPath: (resource) => `\0${socketName(resource)}`,
};

function socketName(resource: string): string {
  return `bms-${lockName(resource)}`;
}

async function lockAlone(resource: string, onContender: OnContender): Promise<ProcessLock | undefined> {
  const name = socketName(resource);
  const lock = await listen(name, onContender);
  return unlessListening((other) => other.startsWith(`${name}-`), lock);
}

/** A contender listens first and then looks for holders that exclude it, so that one of two sees the other. */
async function unlessListening(
  excludes: (name: string) => boolean,
  lock: ProcessLock | undefined,
): Promise<ProcessLock | undefined> {
  if (!lock || !listeningNames(readFileSync("/proc/self/net/unix", "utf8")).some(excludes)) return lock;
  await lock.release();
  return undefined;
}

/**
 * A row of /proc/self/net/unix (/proc/net/unix in proc(5)) with the flag of a listening socket and an abstract name. Its NULs are shown as `@`: one at
 * the beginning, and in Node 20 as many at the end as the longest name has room for.
 */
const LISTENING = /^\w+: \w+ \w+ 00010000 .* @([^@\n]+)@*$/gm;

/** Abstract names in the text of /proc/self/net/unix on which somebody listens. */
export function listeningNames(table: string): string[] {
  return [...table.matchAll(LISTENING)].map(([, name = ""]) => name);
}

function listen(name: string, onContender: OnContender): Promise<ProcessLock | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(onContender);
    server.maxConnections = MAX_CONTENDERS;
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: `\0${name}` }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}
